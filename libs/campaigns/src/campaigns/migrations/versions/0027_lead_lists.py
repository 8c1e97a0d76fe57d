"""Lists of people that are kept, which campaigns took leads from, and which leads those are."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index, drop_index

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# A deleted list stays as a row that says nothing any more. Safe to repeat, for it is committed
# before the indexes are there.
LISTS = """
CREATE TABLE IF NOT EXISTS lead_lists (
    organization_id text NOT NULL,
    id              text PRIMARY KEY,
    name            text NOT NULL,
    description     text NOT NULL,
    request_id      text NOT NULL,
    -- What the request asked for: it can be repeated after an edit.
    request_hash    text NOT NULL,
    -- How many entries there are; written with them.
    entry_count     bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    deleted_at      timestamptz,
    UNIQUE (organization_id, request_id)
);

-- As leads know people.
CREATE TABLE IF NOT EXISTS lead_list_entries (
    organization_id   text NOT NULL,
    lead_list_id      text NOT NULL REFERENCES lead_lists,
    -- The order of the list.
    position          bigint GENERATED ALWAYS AS IDENTITY,
    public_identifier text NOT NULL,
    first_name        text NOT NULL,
    last_name         text NOT NULL,
    company           text NOT NULL,
    title             text NOT NULL,
    email             text NOT NULL,
    phone             text NOT NULL,
    location          text NOT NULL,
    industry          text NOT NULL,
    variables         jsonb NOT NULL,
    time_zone         text NOT NULL,
    literal           jsonb NOT NULL,
    created_at        timestamptz NOT NULL,
    -- Same person twice = one entry.
    PRIMARY KEY (lead_list_id, public_identifier)
);

-- Which campaigns took leads from a list; written with the first of them.
CREATE TABLE IF NOT EXISTS lead_list_uses (
    organization_id text NOT NULL,
    lead_list_id    text NOT NULL REFERENCES lead_lists,
    campaign_id     text NOT NULL REFERENCES campaigns,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (lead_list_id, campaign_id)
);
"""
# Where a lead was taken from; empty for one that an import has brought.
LEADS = "ALTER TABLE leads ADD COLUMN IF NOT EXISTS lead_list_id text NOT NULL DEFAULT ''"
# An import goes into a campaign, as in the release before, or into a list. Of those the release
# before knows nothing: by a phase of its own it is none of those that it takes to read.
IMPORTS = """
ALTER TABLE lead_imports
    ALTER COLUMN campaign_id DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS lead_list_id text REFERENCES lead_lists,
    DROP CONSTRAINT IF EXISTS lead_imports_phase_check,
    ADD CONSTRAINT lead_imports_phase_check CHECK (phase IN
        ('streamed', 'receiving', 'received', 'received_for_list', 'ended', 'cancelled'));
CREATE OR REPLACE FUNCTION notify_import_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('campaign_changed', coalesce(NEW.campaign_id, NEW.lead_list_id));
    RETURN NULL;
END $$;
"""


INDEXES = {
    "lead_lists_newest_first": "lead_lists (organization_id, created_at, id)"
    " WHERE deleted_at IS NULL",
    "lead_lists_by_update": "lead_lists (organization_id, updated_at, id) WHERE deleted_at IS NULL",
    "lead_lists_deleted": "lead_lists (id) WHERE deleted_at IS NOT NULL",
    "lead_list_entries_in_order": "lead_list_entries (lead_list_id, position)",
    "leads_by_list": "leads (campaign_id, lead_list_id, position)",
    "lead_imports_of_list": "lead_imports (lead_list_id, created_at, import_id)",
    "lead_imports_unfinished": "lead_imports (created_at)"
    " WHERE phase IN ('receiving', 'received', 'received_for_list')",
}


def upgrade() -> None:
    for statements in (LISTS, LEADS, IMPORTS):
        op.execute(statements)
    for name, on in INDEXES.items():
        build_index(name, on)
    by_request = "lead_imports (lead_list_id, request_id) WHERE request_id <> ''"
    build_index("lead_imports_of_list_by_request", by_request, unique=True)
    # `lead_imports_unfinished` is read in its place, by the release before, too.
    drop_index("lead_imports_under_way")
