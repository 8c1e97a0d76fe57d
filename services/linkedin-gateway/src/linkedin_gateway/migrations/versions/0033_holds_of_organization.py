"""By what an organization's holds in force are listed; the older index lists everybody's."""

from servicekit.postgres.alembic_env.indexes import build_index

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index(
        "holds_in_force_of_organization",
        "holds (organization_id, created_at, scope, subject_id) WHERE lifted_at IS NULL",
    )
