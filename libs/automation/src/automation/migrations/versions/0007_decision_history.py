"""What was decided before about a campaign or a sender is found by its kind."""

from servicekit.postgres.alembic_env.indexes import build_index

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index("decisions_of_kind", "decisions (organization_id, kind, campaign_id, created_at)")
