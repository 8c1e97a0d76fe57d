"""A replay goes by the order of a lead within what was published at once."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Up to where it has looked of what was published at `after_time`. A process of before steps by
# `after_id`, which is empty where one that knows this order made the last step.
STATEMENTS = (
    """
    ALTER TABLE replays
        ADD COLUMN after_subject  text NOT NULL DEFAULT '',
        ADD COLUMN after_number   bigint NOT NULL DEFAULT 0,
        ADD COLUMN after_event_id text NOT NULL DEFAULT ''
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
