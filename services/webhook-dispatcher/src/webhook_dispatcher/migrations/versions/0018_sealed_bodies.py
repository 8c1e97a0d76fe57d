"""What events say, and what was answered to them, sealed; and the keys of it."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index
from servicekit.sealing import data_keys

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# What is there in clear stays so until it is forgotten, in 30 and in 90 days.
STATEMENTS = (
    "ALTER TABLE events ADD COLUMN IF NOT EXISTS sealed_payload bytea",
    # The headers of the answer and how its body began.
    "ALTER TABLE attempts ADD COLUMN IF NOT EXISTS sealed_answer bytea",
    data_keys.CREATE,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    build_index(data_keys.IN_USE, data_keys.INDEX, unique=True)
    build_index("events_with_sealed_body", "events (published_at) WHERE sealed_payload IS NOT NULL")
