"""What people are called and what they wrote, sealed; beside what lies in clear until it is too."""

from alembic import op
from servicekit.sealing.data_keys import CREATE, IN_USE, INDEX

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# Without a default, no row is written anew.
STATEMENTS = (
    CREATE,
    f"CREATE UNIQUE INDEX {IN_USE} ON {INDEX}",
    "ALTER TABLE leads ADD COLUMN person bytea, ADD COLUMN sealed_reply bytea",
    "ALTER TABLE step_texts ADD COLUMN sealed bytea",
    "ALTER TABLE heard_messages ADD COLUMN sealed bytea",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
