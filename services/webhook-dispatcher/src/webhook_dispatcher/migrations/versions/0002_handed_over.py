"""Which deliveries a workflow has; the others are tried by the process that published them."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    "ALTER TABLE deliveries ADD COLUMN handed_over_at timestamptz",
    """
    CREATE INDEX deliveries_in_nobodys_hands
        ON deliveries (delivery_id) WHERE state = 'pending' AND handed_over_at IS NULL
    """,
    "DROP INDEX deliveries_not_tried",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
