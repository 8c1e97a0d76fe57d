"""Whose campaign or account a hold is on, by whoever knew when it was put."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OWNER = """CASE scope
    WHEN 'organization' THEN subject_id
    WHEN 'account' THEN (SELECT organization_id FROM accounts WHERE account_id = subject_id)
    WHEN 'campaign' THEN (SELECT organization_id FROM actions
                           WHERE campaign_id = subject_id AND organization_id <> '' LIMIT 1)
    END"""
# Empty for what is everybody's, and for holds that the release before puts.
STATEMENTS = f"""
ALTER TABLE holds ADD organization_id text NOT NULL DEFAULT '';
ALTER TABLE hold_audit ADD organization_id text NOT NULL DEFAULT '';
UPDATE holds SET organization_id = coalesce({_OWNER}, '');
UPDATE hold_audit SET organization_id = coalesce({_OWNER}, '')
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
