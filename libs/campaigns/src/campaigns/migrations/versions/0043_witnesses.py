"""What tells a workflow that somebody deleted from one that Temporal has lost."""

from alembic import op
from servicekit.postgres.alembic_env.transactions import let_go

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# Workers of the release before write none of it: what they alone have seen is seen anew.
STATEMENTS = (
    """
    CREATE TABLE IF NOT EXISTS witnesses (
        namespace      text PRIMARY KEY,
        workflow_id    text NOT NULL,
        begun_at       timestamptz NOT NULL,
        unbroken_since timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS lead_sightings (
        organization_id text NOT NULL,
        campaign_id     text NOT NULL,
        lead_id         text PRIMARY KEY REFERENCES leads ON DELETE CASCADE,
        namespace       text NOT NULL,
        seen_at         timestamptz NOT NULL
    )
    """,
    "ALTER TABLE campaigns ADD COLUMN IF NOT EXISTS doubted_since timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
        let_go()
