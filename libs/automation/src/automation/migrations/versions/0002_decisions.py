"""Decisions of programs, the leads that releases are of, and what senders could do last."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DECISIONS = """
CREATE TABLE decisions (
    organization_id  text NOT NULL,
    id               text NOT NULL,
    program_id       text NOT NULL,
    -- Of the schema `campaign`.
    campaign_id      text NOT NULL,
    -- The run that made it; empty where a person's call did.
    run_id           text NOT NULL,
    -- What it is about: the same one twice is one decision.
    key              text NOT NULL,
    kind             text NOT NULL,
    state            text NOT NULL,
    rule             text NOT NULL,
    rule_version     integer NOT NULL,
    -- Counts, ids and codes; nothing that says who somebody is.
    inputs           jsonb NOT NULL,
    -- {"before": …, "after": …}; the other way round it takes the decision back.
    change           jsonb NOT NULL,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz,
    answered_at      timestamptz,
    answered_by      text NOT NULL DEFAULT '',
    applied_at       timestamptz,
    revert_asked_at  timestamptz,
    revert_asked_by  text NOT NULL DEFAULT '',
    ended_at         timestamptz,
    failure          text NOT NULL DEFAULT '',
    PRIMARY KEY (created_at, id)
);
CREATE UNIQUE INDEX decisions_by_id ON decisions (id);
CREATE UNIQUE INDEX decisions_by_key ON decisions (organization_id, program_id, key);
CREATE INDEX decisions_newest_first ON decisions (organization_id, created_at, id);
CREATE INDEX decisions_of_program ON decisions (organization_id, program_id, created_at, id);
CREATE INDEX decisions_by_state ON decisions (organization_id, state, created_at, id);
-- Those that wait for somebody, and those whose effect is awaited.
CREATE INDEX decisions_open ON decisions (expires_at)
 WHERE state = 'proposed' OR (state = 'applied' AND revert_asked_at IS NOT NULL);

CREATE TABLE decision_leads (
    organization_id  text NOT NULL,
    -- When its decision was made.
    created_at       timestamptz NOT NULL,
    decision_id      text NOT NULL,
    lead_id          text NOT NULL,
    account_id       text NOT NULL,
    rank             double precision NOT NULL,
    score            double precision,
    source           text NOT NULL,
    -- [[feature, level, points], …]: what the score is made of.
    terms            jsonb NOT NULL,
    PRIMARY KEY (created_at, decision_id, lead_id)
);
CREATE INDEX decision_leads_of_decision ON decision_leads (decision_id, rank DESC, lead_id);
CREATE INDEX decision_leads_of_lead ON decision_leads (organization_id, lead_id, created_at);

-- What was last known of a sender, for when its source does not answer.
CREATE TABLE sender_readings (
    organization_id  text NOT NULL,
    account_id       text NOT NULL,
    invitations      integer NOT NULL,
    pending          integer NOT NULL,
    multiplier       double precision NOT NULL,
    connected        boolean NOT NULL,
    on_hold          boolean NOT NULL,
    read_at          timestamptz NOT NULL,
    PRIMARY KEY (organization_id, account_id)
);
"""


def upgrade() -> None:
    op.execute(DECISIONS)
