"""Who edited a program last."""

from alembic import op
from servicekit.postgres.alembic_env.transactions import let_go

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# No row is written anew: of those that are there it is not known, nor of those that a process of
# the release before makes.
MADE = ()
EDITED = ("programs",)


def upgrade() -> None:
    for column, tables in (("created_by", MADE), ("updated_by", EDITED)):
        for table in tables:
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} text NOT NULL DEFAULT ''"
            )
            let_go()
