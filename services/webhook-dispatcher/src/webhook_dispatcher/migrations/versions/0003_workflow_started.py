"""When a delivery's workflow was started, under that name.

`handed_over_at` and its index stay for processes of the release before, and go with the next.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "ALTER TABLE deliveries ADD COLUMN workflow_started_at timestamptz",
    """
    UPDATE deliveries
       SET workflow_started_at = handed_over_at
     WHERE state = 'pending' AND handed_over_at IS NOT NULL
    """,
    """
    CREATE INDEX deliveries_orphaned
        ON deliveries (delivery_id) WHERE state = 'pending' AND workflow_started_at IS NULL
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
