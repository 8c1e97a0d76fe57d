"""In which transaction what is listed was last written, so that lists are followed."""

from servicekit.postgres.alembic_env.following import note_changes
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# What callers are told; not when the next attempt is due, nor that what an event says is forgotten.
_OF_DELIVERIES = ("state", "attempts", "ended_at")
_OF_EVENTS = ("type", "occurred_at", "subject", "number")
# A deleted endpoint stays as a row that says so; events and deliveries go by their age.
INDEXES = {
    "endpoints_by_change": 'endpoints (organization_id, changed_in, endpoint_id COLLATE "C")',
    "replays_by_change": 'replays (organization_id, changed_in, replay_id COLLATE "C")',
    # Of many rows; who begins to follow finds by it alone when each was written.
    "events_by_change": 'events (organization_id, changed_in, event_id COLLATE "C", changed_at)',
    "deliveries_by_change": (
        'deliveries (organization_id, changed_in, delivery_id COLLATE "C", changed_at)'
    ),
}


def upgrade() -> None:
    note_changes("endpoints")
    note_changes("replays")
    note_changes("events", seen=_OF_EVENTS)
    note_changes("deliveries", seen=_OF_DELIVERIES)
    for name, on in INDEXES.items():
        build_index(name, on)
