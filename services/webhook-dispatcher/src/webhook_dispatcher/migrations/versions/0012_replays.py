"""What each attempt was sent with and answered, what events are looked for by, and replays."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Safe to repeat, for it is committed before the indexes are there.
TABLES = """
ALTER TABLE attempts
    ADD COLUMN IF NOT EXISTS request_headers  jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS response_headers jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS response_excerpt text NOT NULL DEFAULT '';
ALTER TABLE deliveries
    ADD COLUMN IF NOT EXISTS campaign_id     text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS lead_id         text NOT NULL DEFAULT '',
    -- How many of its attempts were made before it was sent again.
    ADD COLUMN IF NOT EXISTS earlier_attempts integer NOT NULL DEFAULT 0;
CREATE TABLE IF NOT EXISTS replays (
    replay_id       text PRIMARY KEY,
    organization_id text NOT NULL,
    request_id      text NOT NULL,
    endpoint_id     text NOT NULL,
    start_at        timestamptz NOT NULL,
    end_at          timestamptz NOT NULL,
    event_types     text[] NOT NULL,
    campaign_ids    text[] NOT NULL,
    failed_only     boolean NOT NULL,
    max_per_minute  integer NOT NULL,
    state           text NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
    -- Events up to this one were looked at.
    after_time      timestamptz NOT NULL,
    after_id        text NOT NULL,
    next_step_at    timestamptz NOT NULL DEFAULT now(),
    examined_events bigint NOT NULL DEFAULT 0,
    deliveries      bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    UNIQUE (organization_id, request_id),
    FOREIGN KEY (organization_id, endpoint_id) REFERENCES endpoints (organization_id, endpoint_id),
    CHECK ((state = 'running') = (finished_at IS NULL))
);
CREATE INDEX IF NOT EXISTS replays_of_organization
    ON replays (organization_id, created_at, replay_id);
CREATE INDEX IF NOT EXISTS replays_running ON replays (next_step_at) WHERE state = 'running';
"""
INDEXES = {
    "events_of_organization": "events (organization_id, published_at, event_id)",
    "events_by_type": "events (organization_id, type, published_at, event_id)",
    "events_by_campaign": (
        "events (organization_id, campaign_id, published_at, event_id) WHERE campaign_id <> ''"
    ),
    "events_by_lead": (
        "events (organization_id, lead_id, published_at, event_id) WHERE lead_id <> ''"
    ),
    "events_with_body": "events (published_at) WHERE payload <> ''",
    "events_without_body": "events (published_at) WHERE payload = ''",
    "deliveries_by_lead": (
        "deliveries (organization_id, lead_id, created_at, delivery_id) WHERE lead_id <> ''"
    ),
}


def upgrade() -> None:
    op.execute(TABLES)
    for name, on in INDEXES.items():
        build_index(name, on)
