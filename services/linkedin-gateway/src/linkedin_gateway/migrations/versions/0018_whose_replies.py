"""Whose leads have replied: names of leads are another service's, whoever says them."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Whose a reply is: its account's, else its lead's or its campaign's as the ledger knows them.
# Of whom nothing was ever asked for, nobody can say whose they are: they are left in peace by
# everybody. The release before reads the tables as they are. It cannot write to them: what it
# hears stays as it came, and is followed by this release; what it is about to send stays back.
_OWNERS = """
SELECT organization_id FROM accounts WHERE account_id = {0}.account_id
 UNION ALL
SELECT organization_id FROM enrolments
 WHERE campaign_id = {0}.campaign_id AND lead_id = {0}.lead_id
 UNION ALL
SELECT organization_id FROM every_action
 WHERE campaign_id = {0}.campaign_id AND organization_id <> ''
 UNION ALL
SELECT organization_id FROM enrolments WHERE campaign_id = {0}.campaign_id
"""


def _statements(table: str, columns: str) -> str:
    return f"""
ALTER TABLE {table} DROP CONSTRAINT {table}_pkey;
ALTER TABLE {table} ADD COLUMN organization_id text;
UPDATE {table} SET organization_id = ({_OWNERS.format(table)} LIMIT 1);
INSERT INTO {table} (organization_id, {columns})
SELECT organization.id, {columns}
  FROM {table}
 CROSS JOIN (SELECT DISTINCT organization_id AS id FROM accounts) organization
 WHERE organization_id IS NULL;
DELETE FROM {table} WHERE organization_id IS NULL;
ALTER TABLE {table} ALTER COLUMN organization_id SET NOT NULL;
ALTER TABLE {table} ADD PRIMARY KEY (organization_id, campaign_id, lead_id)
"""


STATEMENTS = ";\n".join(
    (
        _statements("replies", "campaign_id, lead_id, account_id, replied_at, last_at"),
        _statements("automatic_replies", "campaign_id, lead_id, account_id, replied_at"),
    )
)


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
