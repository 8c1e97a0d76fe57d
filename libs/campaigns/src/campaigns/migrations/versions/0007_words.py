"""Columns, a table and two functions by the words that the field has for them.

Code of the release before does not work with it; nobody has run that.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A table is renamed with its indexes and triggers; functions are found by their identity.
WORDS = """
ALTER TABLE step_executions RENAME COLUMN taken TO exit_name;
ALTER TABLE leads RENAME COLUMN moved_from TO reassigned_from;
ALTER TABLE leads RENAME COLUMN moved_request TO reassigned_action_id;
ALTER TABLE leads RENAME COLUMN held_back TO held_reason;
ALTER TABLE leads RENAME COLUMN held_back_detail TO held_detail;
ALTER TABLE written_texts RENAME TO step_texts;
ALTER TABLE step_texts RENAME COLUMN step_id TO text_key;
ALTER FUNCTION tell_campaign_changed() RENAME TO notify_campaigns_changed;
ALTER FUNCTION tell_this_campaign_changed() RENAME TO notify_campaign_changed;
"""


def upgrade() -> None:
    op.execute(WORDS)
