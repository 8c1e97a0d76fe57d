"""The end of a campaign's hold, in pieces: how far it has come."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STATEMENTS = """
-- A campaign's hold that was lifted is in force until what waits has its place again; `rejoins`
-- says that those places are being given.
ALTER TABLE holds ADD COLUMN lifted_at timestamptz;
ALTER TABLE holds ADD COLUMN rejoins boolean NOT NULL DEFAULT false;
-- By how much what waits for a campaign moves, of each account and priority: from its last one
-- (`virtual_finish`, and `action_id` once some have moved) to its first (`since`).
CREATE TABLE rejoining (
    organization_id text NOT NULL,
    campaign_id     text NOT NULL,
    account_id      text NOT NULL,
    priority        smallint NOT NULL,
    by              double precision NOT NULL,
    since           double precision NOT NULL,
    virtual_finish  double precision NOT NULL,
    action_id       text,
    PRIMARY KEY (organization_id, campaign_id, account_id, priority)
);
-- By campaign first: who waits for one is found without the queues of all accounts.
CREATE INDEX actions_flows ON actions (campaign_id, account_id, priority, virtual_finish)
    WHERE state <> 'cancelled';
DROP INDEX actions_flow
"""
# Code of the release before puts a hold that is there without a word of its end: it stays.
STAYS = """
CREATE FUNCTION hold_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.lifted_at := NULL;
    NEW.rejoins := false;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_stays BEFORE UPDATE ON holds FOR EACH ROW
    WHEN (NEW.lifted_at = OLD.lifted_at AND NEW.rejoins = OLD.rejoins)
    EXECUTE FUNCTION hold_stays()
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
    op.execute(STAYS)
