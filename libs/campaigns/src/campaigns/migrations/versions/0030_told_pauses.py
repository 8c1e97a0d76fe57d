"""Whether customers were told last that a campaign is paused, or that it goes on."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Of a campaign without a row nothing was told but that it runs. Workers of the release before write
# none: what they tell may be told once more, if its workflow is lost after that.
STATEMENTS = (
    """
    CREATE TABLE told_pauses (
        organization_id text NOT NULL,
        campaign_id     text PRIMARY KEY REFERENCES campaigns ON DELETE CASCADE,
        paused          boolean NOT NULL,
        at              timestamptz NOT NULL
    )
    """,
    """
    INSERT INTO told_pauses (organization_id, campaign_id, paused, at)
    SELECT organization_id, id, true, now() FROM campaigns WHERE state = 'paused'
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
