"""Leads that are held back before any contact, and the variant of a text that a lead got."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HELD_BACK = """
-- Why a ready lead may not enter the sequence; empty for one that may. Code of the
-- release before sees a ready lead.
ALTER TABLE leads ADD COLUMN held_back text NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN held_back_detail text NOT NULL DEFAULT '';
CREATE INDEX leads_admissible ON leads (campaign_id, position)
 WHERE state = 'ready' AND held_back = '';
CREATE INDEX leads_held_back ON leads (campaign_id, public_identifier)
 WHERE state = 'ready' AND held_back <> '';
"""

VARIANTS = """
-- Empty for a step whose text has no variants.
ALTER TABLE step_executions ADD COLUMN variant text NOT NULL DEFAULT '';
-- Unknown for those accepted before.
ALTER TABLE leads ADD COLUMN accepted_at timestamptz;
"""


def upgrade() -> None:
    for statements in (HELD_BACK, VARIANTS):
        op.execute(statements)
