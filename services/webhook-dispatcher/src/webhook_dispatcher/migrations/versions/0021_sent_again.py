"""When a delivery was sent again, and by which replay."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# A process of before writes neither: what it sends again is looked after sooner, and what a replay
# of its takes along may come once more where it stands.
STATEMENTS = (
    """
    ALTER TABLE deliveries
        ADD COLUMN sent_again_at timestamptz,
        ADD COLUMN replayed_by   text
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
