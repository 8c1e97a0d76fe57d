"""What deliveries are listed by, and when an endpoint last changed, by the database's clock."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index, drop_index

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What was there before has changed when this ran. Safe to repeat, for it is committed before the
# indexes are there.
_SEEN = "url, event_types, description, secret, disabled_at"
CHANGED = f"""
ALTER TABLE endpoints ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
CREATE OR REPLACE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER endpoints_updated BEFORE UPDATE OF {_SEEN} ON endpoints
    FOR EACH ROW WHEN (ROW({", ".join(f"OLD.{each}" for each in _SEEN.split(", "))})
        IS DISTINCT FROM ROW({", ".join(f"NEW.{each}" for each in _SEEN.split(", "))}))
    EXECUTE FUNCTION note_update();
"""
# Most are delivered; the others are few, and leave the index as soon as they are.
INDEXES = {
    "deliveries_by_state": (
        "deliveries (organization_id, state, created_at, delivery_id) WHERE state <> 'delivered'"
    ),
    "deliveries_by_endpoint": (
        "deliveries (endpoint_id, organization_id, created_at, delivery_id)"
    ),
}


def upgrade() -> None:
    op.execute(CHANGED)
    for name, on in INDEXES.items():
        build_index(name, on)
    # The one by the endpoint has its columns, and whose they are.
    drop_index("deliveries_of_endpoint")
