"""What lists are read by: when rows last changed, indexes, and the key of page tokens."""

from alembic import op
from servicekit.lists import page_token_key
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# By the database's clock. What was there before has changed when this ran. Safe to repeat, for it
# is committed before the indexes are there.
CHANGED = """
CREATE OR REPLACE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
ALTER TABLE leads ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE campaigns ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
CREATE OR REPLACE TRIGGER leads_updated BEFORE UPDATE ON leads
    FOR EACH ROW EXECUTE FUNCTION note_update();
-- Not what is only counted: who was admitted, and when the workflow is to be woken.
CREATE OR REPLACE TRIGGER campaigns_updated BEFORE UPDATE OF
    name, state, account_ids, settings, revision_id, complete_current_executions, started_at,
    ended_at, deleted_at, stalled_activity, stalled_trace_id, stalled_at, restarted_because,
    restarted_at
    ON campaigns FOR EACH ROW EXECUTE FUNCTION note_update();
"""
# By the state as it is told: held back is ready in all but name, and who is parked runs.
_STATE = """(
    CASE WHEN state = 'ready' AND held_reason <> '' THEN 'held_back'
         WHEN state = 'running' AND parked_reason <> '' THEN 'parked'
         ELSE state END)"""
INDEXES = {
    "leads_by_state": f"leads (campaign_id, {_STATE}, position)",
    "leads_by_account": "leads (campaign_id, account_id, position)",
    "leads_by_update": "leads (campaign_id, updated_at, position)",
    "campaigns_by_state": "campaigns (organization_id, state, created_at, id)",
    "campaigns_by_update": "campaigns (organization_id, updated_at, id)",
}


def upgrade() -> None:
    for statements in (CHANGED, page_token_key.CREATE):
        op.execute(statements)
    for name, on in INDEXES.items():
        build_index(name, on)
