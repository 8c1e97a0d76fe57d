"""Imports that outlive their stream and their server; watchers hear of removals and senders too."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# An import that came with its call is `streamed`. One that is uploaded is `receiving` until all of
# it is there, `received` until it has been read, and `ended`, or `cancelled` on the way. `people`
# of its list are through, and `result` counts what became of them: both are written with the leads
# they tell of. Whoever reads it holds a lease; one that is over is anybody's.
# Safe to repeat, for it is committed before the indexes are there.
IMPORTS = """
ALTER TABLE lead_imports
    ADD COLUMN IF NOT EXISTS phase text NOT NULL DEFAULT 'streamed'
        CHECK (phase IN ('streamed', 'receiving', 'received', 'ended', 'cancelled')),
    ADD COLUMN IF NOT EXISTS received_bytes bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS people bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS request_id text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN IF NOT EXISTS leased_by text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS leased_until timestamptz;

-- What has arrived of a list, until it has been read; then it is deleted.
CREATE TABLE IF NOT EXISTS import_pieces (
    organization_id text NOT NULL,
    import_id       text NOT NULL,
    first_byte      bigint NOT NULL,
    content         bytea NOT NULL,
    PRIMARY KEY (organization_id, import_id, first_byte),
    FOREIGN KEY (organization_id, import_id) REFERENCES lead_imports ON DELETE CASCADE
);
CREATE OR REPLACE FUNCTION notify_import_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('campaign_changed', NEW.campaign_id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER import_ended AFTER UPDATE OF ended_at ON lead_imports
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION notify_import_ended();
"""
WATCHED = """
CREATE OR REPLACE TRIGGER leads_removed AFTER DELETE ON leads
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_campaigns_changed();
CREATE OR REPLACE TRIGGER campaign_state_changed
    AFTER UPDATE OF state, account_ids, deleted_at ON campaigns
    FOR EACH ROW EXECUTE FUNCTION notify_campaign_changed();
"""


def upgrade() -> None:
    for statements in (IMPORTS, WATCHED):
        op.execute(statements)
    by_request = "lead_imports (campaign_id, request_id) WHERE request_id <> ''"
    build_index("lead_imports_by_request", by_request, unique=True)
    under_way = "lead_imports (created_at) WHERE phase IN ('receiving', 'received')"
    build_index("lead_imports_under_way", under_way)
