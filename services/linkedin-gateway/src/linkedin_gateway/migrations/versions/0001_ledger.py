"""The ledger, the accounts and what was heard from LinkedIn."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE accounts (
    account_id          text PRIMARY KEY,
    organization_id     text NOT NULL,
    unipile_account_id  text NOT NULL UNIQUE,
    name                text NOT NULL DEFAULT '',
    tier                text NOT NULL DEFAULT 'free',
    provider_id         text NOT NULL DEFAULT '',
    state               text NOT NULL,
    state_reason        text NOT NULL DEFAULT '',
    state_at            timestamptz NOT NULL,
    -- Whether people were told that it is down, and not yet that it is back.
    told_down           boolean NOT NULL DEFAULT false,
    working_hours       text NOT NULL,
    caps                text NOT NULL DEFAULT '[]',
    created_at          timestamptz NOT NULL,
    probe_at            timestamptz NOT NULL DEFAULT '-infinity',
    sweep_at            timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX accounts_by_organization ON accounts (organization_id, created_at, account_id);

CREATE TABLE actions (
    request_id      text PRIMARY KEY,
    organization_id text NOT NULL,
    account_id      text NOT NULL,
    campaign_id     text NOT NULL,
    lead_id         text NOT NULL,
    person          text NOT NULL,
    kind            text NOT NULL,
    noted           boolean NOT NULL DEFAULT false,
    text_hash       text NOT NULL DEFAULT '',
    state           text NOT NULL,
    reason          text NOT NULL DEFAULT '',
    effect          text,
    message         text NOT NULL DEFAULT '',
    attempt         integer NOT NULL DEFAULT 0,
    priority        smallint NOT NULL DEFAULT 9,
    tag             double precision NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    turn_at         timestamptz,
    sent_at         timestamptz,
    finished_at     timestamptz,
    lease_until     timestamptz,
    verify_at       timestamptz,
    absences        smallint NOT NULL DEFAULT 0,
    verifications   integer NOT NULL DEFAULT 0,
    provider_id     text NOT NULL DEFAULT '',
    post_id         text NOT NULL DEFAULT '',
    target          jsonb,
    outcome         jsonb
) WITH (fillfactor = 80);
-- What counts in windows, newest answer last.
CREATE INDEX actions_counted ON actions (account_id, kind, finished_at) INCLUDE (noted)
    WHERE sent_at IS NOT NULL;
-- What is on the wire or unanswered.
CREATE INDEX actions_open ON actions (account_id, kind)
    WHERE sent_at IS NOT NULL AND finished_at IS NULL;
-- The pause since the last write.
CREATE INDEX actions_answered ON actions (account_id, finished_at)
    WHERE sent_at IS NOT NULL AND kind NOT IN ('lookup', 'post_list');
-- Who waits, by rank and by turn.
CREATE INDEX actions_waiting ON actions (account_id, priority, tag, request_id)
    INCLUDE (turn_at, kind) WHERE state = 'queued';
CREATE INDEX actions_due ON actions (account_id, turn_at)
    INCLUDE (priority, tag, request_id, kind) WHERE state = 'queued';
-- The place of a campaign among others, and how far service has come.
CREATE INDEX actions_flow ON actions (account_id, priority, campaign_id, tag)
    WHERE state <> 'cancelled';
CREATE INDEX actions_served ON actions (account_id, priority, tag) WHERE sent_at IS NOT NULL;
-- Who has been touched: joins what is heard to leads.
CREATE INDEX actions_person ON actions (account_id, person);
CREATE INDEX actions_provider ON actions (account_id, provider_id) WHERE provider_id <> '';
CREATE INDEX actions_lead ON actions (campaign_id, lead_id);
CREATE INDEX actions_listed ON actions (organization_id, created_at DESC, request_id DESC);
-- Lost answers, by when to ask.
CREATE INDEX actions_lost ON actions (verify_at)
    WHERE state = 'unknown' AND finished_at IS NULL;
CREATE INDEX actions_sending ON actions (lease_until) WHERE state = 'sending';

CREATE TABLE profiles (
    account_id        text NOT NULL,
    person            text NOT NULL,
    provider_id       text NOT NULL DEFAULT '',
    public_identifier text NOT NULL DEFAULT '',
    first_name        text NOT NULL DEFAULT '',
    last_name         text NOT NULL DEFAULT '',
    headline          text NOT NULL DEFAULT '',
    location          text NOT NULL DEFAULT '',
    connected         boolean NOT NULL DEFAULT false,
    open_profile      boolean NOT NULL DEFAULT false,
    read_at           timestamptz,
    invited_at        timestamptz,
    invitation_id     text NOT NULL DEFAULT '',
    chat_id           text NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, person)
);
CREATE INDEX profiles_provider ON profiles (account_id, provider_id) WHERE provider_id <> '';

CREATE TABLE replies (
    campaign_id text NOT NULL,
    lead_id     text NOT NULL,
    account_id  text NOT NULL,
    replied_at  timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, lead_id)
);

CREATE TABLE holds (
    scope       text NOT NULL,
    subject_id  text NOT NULL,
    reason      text NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (scope, subject_id)
);
-- Every hold that was ever put or lifted.
CREATE TABLE hold_audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope       text NOT NULL,
    subject_id  text NOT NULL,
    deed        text NOT NULL,
    reason      text NOT NULL,
    caller      text NOT NULL,
    at          timestamptz NOT NULL
);

CREATE TABLE suppressions (
    suppression_id    text PRIMARY KEY,
    organization_id   text NOT NULL,
    person            text NOT NULL,
    public_identifier text NOT NULL,
    reason            text NOT NULL,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz,
    UNIQUE (organization_id, person)
);
CREATE INDEX suppressions_listed ON suppressions (organization_id, created_at, suppression_id);

CREATE TABLE cool_downs (
    account_id  text NOT NULL,
    kind        text NOT NULL,
    level       integer NOT NULL,
    cause       text NOT NULL,
    opened_at   timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (account_id, kind)
);

-- What Unipile sent, as it came, before anything is made of it.
CREATE TABLE inbound (
    dedupe_key  text PRIMARY KEY,
    body        jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    heard_at    timestamptz
);
CREATE INDEX inbound_unheard ON inbound (received_at) WHERE heard_at IS NULL;

-- What campaign-api is still to be told, in order.
CREATE TABLE outbox (
    position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     text NOT NULL UNIQUE,
    event        bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    delivered_at timestamptz,
    refused_at   timestamptz
);
CREATE INDEX outbox_waiting ON outbox (position)
    WHERE delivered_at IS NULL AND refused_at IS NULL;
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
