"""When the owner of a lead was last asked whether it still runs."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE enrolments ADD COLUMN checked_at timestamptz;
CREATE INDEX enrolments_due ON enrolments (coalesce(checked_at, enrolled_at))
    WHERE ended_at IS NULL
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
