"""Leads whose workflow was gone, until customers were told how they have ended."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Written by the statement that ends the lead, so that nobody has to remember it. What was told
# stays: whoever finds the same workflow gone again tells nothing anew.
STATEMENTS = (
    """
    CREATE TABLE orphaned_leads (
        organization_id text NOT NULL,
        campaign_id     text NOT NULL,
        lead_id         text PRIMARY KEY REFERENCES leads ON DELETE CASCADE,
        found_at        timestamptz NOT NULL,
        told_at         timestamptz
    )
    """,
    """
    CREATE INDEX orphaned_leads_untold ON orphaned_leads (campaign_id, lead_id)
     WHERE told_at IS NULL
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
