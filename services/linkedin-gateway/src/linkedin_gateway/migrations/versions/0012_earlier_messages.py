"""Messages that were there before an action, so that none of them is taken for it."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# How often an action was not found decides nothing any more: when it was looked for does.
STATEMENTS = """
DROP VIEW every_action;
ALTER TABLE actions
    DROP COLUMN absences,
    ADD COLUMN earlier_ids text NOT NULL DEFAULT '';
ALTER TABLE archived_actions
    DROP COLUMN absences,
    ADD COLUMN earlier_ids text NOT NULL DEFAULT '';
CREATE VIEW every_action AS
    SELECT * FROM actions UNION ALL SELECT * FROM archived_actions
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
