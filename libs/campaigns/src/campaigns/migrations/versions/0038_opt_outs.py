"""Whose person asked for no further contact, and by which suppression that is kept."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# No row is written anew.
STATEMENTS = (
    "ALTER TABLE leads ADD COLUMN opted_out_at timestamptz",
    "ALTER TABLE leads ADD COLUMN suppression_id text NOT NULL DEFAULT ''",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
