"""Endpoints, events, deliveries and their attempts."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE endpoints (
        endpoint_id        text PRIMARY KEY,
        organization_id    text NOT NULL,
        request_id         text NOT NULL,
        url                text NOT NULL,
        event_types        text[] NOT NULL,
        builder_webhook_id text,
        description        text NOT NULL,
        secret             bytea,
        created_at         timestamptz NOT NULL,
        disabled_at        timestamptz,
        deleted_at         timestamptz,
        UNIQUE (organization_id, request_id),
        CHECK (secret IS NOT NULL OR deleted_at IS NOT NULL)
    )
    """,
    """
    CREATE UNIQUE INDEX endpoints_by_builder_webhook
        ON endpoints (organization_id, builder_webhook_id)
     WHERE deleted_at IS NULL AND builder_webhook_id IS NOT NULL
    """,
    """
    CREATE INDEX endpoints_of_organization
        ON endpoints (organization_id, created_at, endpoint_id) WHERE deleted_at IS NULL
    """,
    """
    CREATE TABLE events (
        organization_id text NOT NULL,
        event_id        text NOT NULL,
        type            text NOT NULL,
        payload         text NOT NULL,
        published_at    timestamptz NOT NULL,
        PRIMARY KEY (organization_id, event_id)
    )
    """,
    """
    CREATE TABLE deliveries (
        delivery_id     text PRIMARY KEY,
        organization_id text NOT NULL,
        event_id        text NOT NULL,
        event_type      text NOT NULL,
        endpoint_id     text NOT NULL REFERENCES endpoints,
        state           text NOT NULL
                        CHECK (state IN ('pending', 'delivered', 'lapsed', 'dropped')),
        attempts        integer NOT NULL DEFAULT 0,
        created_at      timestamptz NOT NULL,
        ended_at        timestamptz,
        FOREIGN KEY (organization_id, event_id) REFERENCES events,
        CHECK ((state = 'pending') = (ended_at IS NULL))
    )
    """,
    """
    CREATE INDEX deliveries_of_organization
        ON deliveries (organization_id, created_at DESC, delivery_id DESC)
    """,
    """
    CREATE INDEX deliveries_of_endpoint
        ON deliveries (endpoint_id, created_at DESC, delivery_id DESC)
    """,
    "CREATE INDEX deliveries_of_event ON deliveries (organization_id, event_id)",
    """
    CREATE INDEX deliveries_not_tried
        ON deliveries (delivery_id) WHERE state = 'pending' AND attempts = 0
    """,
    "CREATE INDEX deliveries_pending ON deliveries (endpoint_id) WHERE state = 'pending'",
    """
    CREATE TABLE attempts (
        delivery_id  text NOT NULL REFERENCES deliveries,
        number       integer NOT NULL,
        attempted_at timestamptz NOT NULL,
        latency      interval NOT NULL,
        status_code  integer NOT NULL,
        error        text NOT NULL,
        PRIMARY KEY (delivery_id, number)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
