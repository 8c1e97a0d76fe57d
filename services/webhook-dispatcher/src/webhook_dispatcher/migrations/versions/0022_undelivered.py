"""What an endpoint has not been sent is looked through some at a time, by its ids."""

from servicekit.postgres.alembic_env.indexes import build_index, drop_index

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ON = "deliveries (endpoint_id, state, delivery_id) WHERE state IN ('pending', 'lapsed')"


def upgrade() -> None:
    build_index("deliveries_undelivered", ON)
    # The new one finds what is pending as well.
    drop_index("deliveries_pending")
