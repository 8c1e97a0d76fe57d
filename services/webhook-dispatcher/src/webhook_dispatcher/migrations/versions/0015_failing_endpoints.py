"""Endpoints that fail: since when, how often in a row, and when one is asked again."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATEMENTS = (
    # A row from the first failure to the next success.
    """
    CREATE TABLE endpoint_health (
        organization_id text NOT NULL,
        endpoint_id     text NOT NULL,
        failing_since   timestamptz NOT NULL,
        -- In a row.
        failures        integer NOT NULL DEFAULT 0,
        -- While its circuit is open: when one event is sent, to see whether it is back.
        probe_at        timestamptz,
        probes          integer NOT NULL DEFAULT 0,
        PRIMARY KEY (organization_id, endpoint_id),
        FOREIGN KEY (organization_id, endpoint_id)
            REFERENCES endpoints (organization_id, endpoint_id) ON DELETE CASCADE
    )
    """,
    # Since when a delivery has had no workflow because it was not to be sent yet.
    "ALTER TABLE deliveries ADD COLUMN parked_at timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
