"""Campaigns, their sequences, and their leads."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CAMPAIGNS = """
CREATE TABLE campaigns (
    id               text PRIMARY KEY,
    organization_id  text NOT NULL,
    -- The caller's: the same one twice is one campaign.
    request_id       text NOT NULL,
    name             text NOT NULL,
    state            text NOT NULL CHECK
        (state IN ('draft', 'running', 'paused', 'stopping', 'stopped', 'completed')),
    account_ids      text[] NOT NULL CHECK (cardinality(account_ids) > 0),
    settings         jsonb NOT NULL,
    revision_id      text NOT NULL,
    -- Leads admitted so far; deals the accounts out evenly.
    admitted         bigint NOT NULL DEFAULT 0,
    -- Set while the workflow waits for room: wake it at this many running leads.
    wake_at_running  integer,
    complete_current_executions boolean NOT NULL DEFAULT true,
    created_at       timestamptz NOT NULL,
    started_at       timestamptz,
    ended_at         timestamptz,
    UNIQUE (organization_id, request_id)
);
CREATE INDEX campaigns_newest_first ON campaigns (organization_id, created_at DESC, id DESC);

-- Never updated: an edit is a further revision.
CREATE TABLE revisions (
    id            text PRIMARY KEY,
    campaign_id   text NOT NULL REFERENCES campaigns,
    number        integer NOT NULL,
    content_hash  text NOT NULL,
    steps         jsonb NOT NULL,
    source        text NOT NULL,
    created_at    timestamptz NOT NULL,
    UNIQUE (campaign_id, number)
);
"""

LEADS = """
CREATE TABLE leads (
    id                text PRIMARY KEY,
    campaign_id       text NOT NULL REFERENCES campaigns,
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
    state             text NOT NULL DEFAULT 'ready' CHECK
        (state IN ('ready', 'running', 'completed', 'replied', 'failed', 'stopped')),
    connection        text NOT NULL DEFAULT 'none' CHECK
        (connection IN ('none', 'invited', 'connected', 'not_accepted', 'withdrawn')),
    -- Connected by an invitation of this campaign.
    accepted          boolean NOT NULL DEFAULT false,
    reason            text NOT NULL DEFAULT '',
    replied_at        timestamptz,
    reply             text NOT NULL DEFAULT '',
    account_id        text NOT NULL DEFAULT '',
    revision_id       text NOT NULL DEFAULT '',
    -- When the lead's workflow may begin; set when it is admitted.
    start_at          timestamptz,
    -- Temporal has confirmed the workflow.
    workflow_started  boolean NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL,
    started_at        timestamptz,
    ended_at          timestamptz,
    -- Same person twice = one lead.
    UNIQUE (campaign_id, public_identifier)
);
CREATE INDEX leads_in_order ON leads (campaign_id, position);
CREATE INDEX leads_ready ON leads (campaign_id, position) WHERE state = 'ready';
CREATE INDEX leads_running ON leads (campaign_id, position) WHERE state = 'running';
CREATE INDEX leads_unconfirmed ON leads (campaign_id, position)
 WHERE state = 'running' AND NOT workflow_started;
CREATE INDEX leads_by_start ON leads (campaign_id, start_at);

CREATE TABLE step_executions (
    lead_id      text NOT NULL REFERENCES leads,
    step_id      text NOT NULL,
    campaign_id  text NOT NULL,
    kind         text NOT NULL,
    state        text NOT NULL CHECK (state IN ('waiting', 'done', 'skipped', 'failed')),
    reason       text NOT NULL,
    detail       text NOT NULL,
    started_at   timestamptz,
    ended_at     timestamptz,
    PRIMARY KEY (lead_id, step_id)
);
CREATE INDEX step_executions_of_campaign ON step_executions (campaign_id, step_id, state);

-- A text that was written for one lead; written once, so that a retry sends the same.
CREATE TABLE written_texts (
    lead_id  text NOT NULL REFERENCES leads,
    step_id  text NOT NULL,
    text     text NOT NULL,
    post_id  text NOT NULL DEFAULT '',
    PRIMARY KEY (lead_id, step_id)
);
"""

# Whoever watches a campaign hears its id after every change, once per statement.
CHANGES = """
CREATE FUNCTION tell_campaign_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('campaign_changed', campaign_id)
       FROM (SELECT DISTINCT campaign_id FROM changed) AS campaigns_changed;
    RETURN NULL;
END $$;
CREATE FUNCTION tell_this_campaign_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('campaign_changed', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER leads_added AFTER INSERT ON leads
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_campaign_changed();
CREATE TRIGGER leads_changed AFTER UPDATE ON leads
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_campaign_changed();
CREATE TRIGGER step_begun AFTER INSERT ON step_executions
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_campaign_changed();
CREATE TRIGGER step_changed AFTER UPDATE ON step_executions
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_campaign_changed();
CREATE TRIGGER campaign_state_changed AFTER UPDATE OF state ON campaigns
    FOR EACH ROW EXECUTE FUNCTION tell_this_campaign_changed();
"""


def upgrade() -> None:
    for statements in (CAMPAIGNS, LEADS, CHANGES):
        op.execute(statements)
