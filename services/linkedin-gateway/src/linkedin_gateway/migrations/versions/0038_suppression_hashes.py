"""The index by which a decision finds what suppresses a person by whatever they are called."""

from servicekit.postgres.alembic_env.indexes import build_index

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index("suppressions_hashed", "suppressions (hashed)")
