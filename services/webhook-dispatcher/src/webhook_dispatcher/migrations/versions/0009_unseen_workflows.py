"""Deliveries by when their workflow was seen last."""

from servicekit.postgres.alembic_env.indexes import build_index

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Nearly all are delivered at once, and never in it.
ON = """
    deliveries (workflow_started_at) WHERE state = 'pending' AND workflow_started_at IS NOT NULL
"""


def upgrade() -> None:
    build_index("deliveries_unseen", ON)
