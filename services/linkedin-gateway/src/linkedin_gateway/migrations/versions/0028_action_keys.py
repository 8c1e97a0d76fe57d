"""An action is an organization's: its id is a name that another service gives."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# What was called off before it was asked for did not say whose it is. It is its campaign's, as the
# ledger knows it, by which its id begins; of whose campaign nobody knows it is everybody's, so that
# a late request sends nothing. The release before cannot decide about anything with this key (its
# upsert names the key of before): none of its processes may be left.
_COLUMNS = (
    "action_id, account_id, campaign_id, lead_id, identifier, kind, state, reason, effect,"
    " created_at, finished_at"
)
_KEYED = f"""
ALTER TABLE {{0}} DROP CONSTRAINT {{0}}_pkey;
UPDATE {{0}} a SET organization_id = (
       SELECT organization_id FROM every_action known
        WHERE known.campaign_id = split_part(a.action_id, '/', 1) AND known.organization_id <> ''
        LIMIT 1)
 WHERE organization_id = '' AND EXISTS (
       SELECT FROM every_action known
        WHERE known.campaign_id = split_part(a.action_id, '/', 1) AND known.organization_id <> '');
INSERT INTO {{0}} (organization_id, {_COLUMNS})
SELECT organization.id, {_COLUMNS}
  FROM {{0}}
 CROSS JOIN (SELECT DISTINCT organization_id AS id FROM accounts) organization
 WHERE organization_id = '';
DELETE FROM {{0}} WHERE organization_id = '';
ALTER TABLE {{0}} ADD PRIMARY KEY ({{1}})
"""
STATEMENTS = ";\n".join(
    (
        _KEYED.format("actions", "organization_id, action_id"),
        _KEYED.format("archived_actions", "organization_id, action_id, finished_at"),
    )
)


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
