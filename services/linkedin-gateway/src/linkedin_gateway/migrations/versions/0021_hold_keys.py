"""A hold is an organization's: ids of campaigns are another service's names."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Empty for what is everybody's. The release before reads holds as they are; it cannot put any until
# it is gone (its upsert names the key of before).
STATEMENTS = """
UPDATE holds h SET organization_id = coalesce((
       SELECT organization_id FROM actions
        WHERE campaign_id = h.subject_id AND organization_id <> '' LIMIT 1), '')
 WHERE scope = 'campaign' AND organization_id = '';
ALTER TABLE holds DROP CONSTRAINT holds_pkey;
ALTER TABLE holds ADD PRIMARY KEY (organization_id, scope, subject_id)
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
