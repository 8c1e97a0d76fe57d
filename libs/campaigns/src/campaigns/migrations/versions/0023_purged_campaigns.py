"""Until when a deleted campaign comes back, and which of them have been purged."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Whose deletion the release before has written has no moment yet; the purge gives it one.
# Safe to repeat, for it is committed before the index is there.
STATEMENT = """
ALTER TABLE campaigns
    ADD COLUMN IF NOT EXISTS purge_at timestamptz,
    ADD COLUMN IF NOT EXISTS purged_at timestamptz;
"""


def upgrade() -> None:
    op.execute(STATEMENT)
    build_index("campaigns_deleted", "campaigns (id) WHERE deleted_at IS NOT NULL")
