"""The field's words for columns."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A view keeps the names that its columns had when it was made.
STATEMENTS = """
ALTER TABLE accounts RENAME COLUMN sweep_at TO poll_at;
ALTER TABLE accounts RENAME COLUMN told_down TO down_published;
ALTER TABLE cool_downs RENAME COLUMN told_open TO open_published;
ALTER TABLE inbound RENAME COLUMN heard_at TO understood_at;
ALTER INDEX inbound_unheard RENAME TO inbound_not_understood;
ALTER TABLE ledger_drift RENAME COLUMN compared_at TO audited_at;
ALTER TABLE ledger_drift RENAME TO invitation_audits;
DROP VIEW every_action;
ALTER TABLE actions RENAME COLUMN request_id TO action_id;
ALTER TABLE actions RENAME COLUMN tag TO virtual_finish;
ALTER TABLE archived_actions RENAME COLUMN request_id TO action_id;
ALTER TABLE archived_actions RENAME COLUMN tag TO virtual_finish;
CREATE VIEW every_action AS
    SELECT * FROM actions UNION ALL SELECT * FROM archived_actions
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
