"""Who asked for an action, and which caps it was sent under."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Both tables alike, in the same order: what ends moves from one to the other as it is.
STATEMENTS = """
ALTER TABLE actions
    ADD COLUMN caller text NOT NULL DEFAULT '',
    ADD COLUMN caps   text NOT NULL DEFAULT '';
ALTER TABLE archived_actions
    ADD COLUMN caller text NOT NULL DEFAULT '',
    ADD COLUMN caps   text NOT NULL DEFAULT '';
CREATE OR REPLACE VIEW every_action AS
    SELECT * FROM actions UNION ALL SELECT * FROM archived_actions
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
