"""Events of campaigns themselves, until they are told: their workflows may be gone before."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# Ids alone: what the event says is read from the campaign when it is told.
STATEMENTS = (
    """
    CREATE TABLE untold_events (
        organization_id text NOT NULL,
        campaign_id     text NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        type            text NOT NULL,
        key             text NOT NULL DEFAULT '',
        at              timestamptz NOT NULL,
        PRIMARY KEY (campaign_id, type, key)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
