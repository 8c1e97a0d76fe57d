"""Leads that a fault of ours stopped, and what is the matter with a campaign's workflow."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PARKED = """
-- Parked is a lead in the sequence whose `parked_reason` is not empty: to everybody who counts
-- places, compares workflows or looks for a person's leads it runs.
ALTER TABLE leads
    ADD COLUMN parked_reason   text NOT NULL DEFAULT '',
    ADD COLUMN parked_activity text NOT NULL DEFAULT '',
    ADD COLUMN parked_trace_id text NOT NULL DEFAULT '',
    ADD COLUMN parked_at       timestamptz;
CREATE INDEX leads_parked ON leads (campaign_id, position)
 WHERE state = 'running' AND parked_reason <> '';
"""
TROUBLE = """
-- `stalled_…`: an activity of the campaign's own workflow fails because of a bug, and is tried
-- again. `restarted_…`: its workflow was gone and was started again, the last time.
ALTER TABLE campaigns
    ADD COLUMN stalled_activity  text NOT NULL DEFAULT '',
    ADD COLUMN stalled_trace_id  text NOT NULL DEFAULT '',
    ADD COLUMN stalled_at        timestamptz,
    ADD COLUMN restarted_because text NOT NULL DEFAULT '',
    ADD COLUMN restarted_at      timestamptz;
"""


def upgrade() -> None:
    op.execute(PARKED)
    op.execute(TROUBLE)
