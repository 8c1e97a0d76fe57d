"""The field's words for columns."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A view keeps the names that its columns had when it was made.
STATEMENTS = """
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
