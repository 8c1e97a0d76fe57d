"""By how much the gateway stays behind the database's clock, after that was set forward."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# One row. The release before reads the clock as it is.
STATEMENTS = """
CREATE TABLE database_clock (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    held_back interval NOT NULL DEFAULT '0',
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    changes bigint NOT NULL DEFAULT 0,
    confirmations bigint NOT NULL DEFAULT 0
);
INSERT INTO database_clock DEFAULT VALUES
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
