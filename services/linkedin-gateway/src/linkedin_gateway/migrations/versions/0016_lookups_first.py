"""Whether a request that waits must look its person up first."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = """
DROP VIEW every_action;
ALTER TABLE actions ADD COLUMN needs_lookup boolean NOT NULL DEFAULT false;
ALTER TABLE archived_actions ADD COLUMN needs_lookup boolean NOT NULL DEFAULT false;
CREATE VIEW every_action AS
    SELECT * FROM actions UNION ALL SELECT * FROM archived_actions;
-- Counted with every turn that is told; mostly there are none.
CREATE INDEX actions_needing_lookup ON actions (account_id)
    WHERE state = 'queued' AND needs_lookup
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
