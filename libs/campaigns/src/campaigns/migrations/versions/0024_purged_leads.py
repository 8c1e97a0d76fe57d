"""Who had been contacted by purged campaigns: a late answer of theirs still ends others."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Of leads of campaigns whose replies reach beyond them alone, and only what a reply is compared by.
STATEMENTS = (
    """
    CREATE TABLE purged_leads (
        organization_id   text NOT NULL,
        campaign_id       text NOT NULL,
        lead_id           text NOT NULL,
        public_identifier text NOT NULL,
        -- As `company_key` says; empty where colleagues are not reached.
        company           text NOT NULL,
        purged_at         timestamptz NOT NULL,
        PRIMARY KEY (organization_id, campaign_id, lead_id)
    )
    """,
    "CREATE INDEX purged_leads_by_age ON purged_leads (purged_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
