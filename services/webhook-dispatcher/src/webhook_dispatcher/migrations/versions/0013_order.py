"""Which event it is of its subject's, and what it was published as."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Events of before have no number, and are sent as they come. Safe to repeat, for it is committed
# before the indexes are there.
COLUMNS = """
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS subject text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS number  bigint NOT NULL DEFAULT 0,
    -- Of all that was published; null for what was published before there were any.
    ADD COLUMN IF NOT EXISTS digest  bytea;
ALTER TABLE deliveries
    ADD COLUMN IF NOT EXISTS subject text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS number  bigint NOT NULL DEFAULT 0;
"""
INDEXES = {
    "events_in_order": "events (organization_id, subject, number) WHERE number > 0",
    # What is under way of a subject to an endpoint: a few at a time, and gone when it has ended.
    "deliveries_in_order": (
        "deliveries (endpoint_id, subject, number) WHERE state = 'pending' AND number > 0"
    ),
}


def upgrade() -> None:
    op.execute(COLUMNS)
    for name, on in INDEXES.items():
        build_index(name, on)
