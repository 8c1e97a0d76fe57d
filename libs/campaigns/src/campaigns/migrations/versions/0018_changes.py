"""In which transaction a campaign or a lead was last written, so that its changes are followed."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Times do not come in the order in which transactions end: who reads what changed since a moment
# misses what is committed later with an earlier one. Numbers of transactions do, up to the oldest
# that is still under way: nothing with a lower one comes any more. Safe to repeat, for it is
# committed before the indexes are there.
CHANGED = """
ALTER TABLE leads
    ADD COLUMN IF NOT EXISTS changed_in bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint;
ALTER TABLE campaigns
    ADD COLUMN IF NOT EXISTS changed_in bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint;
CREATE OR REPLACE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
"""
INDEXES = {
    "leads_by_change": "leads (campaign_id, changed_in, position)",
    "campaigns_by_change": "campaigns (organization_id, changed_in, id)",
}


def upgrade() -> None:
    op.execute(CHANGED)
    for name, on in INDEXES.items():
        build_index(name, on)
