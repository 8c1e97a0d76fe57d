"""Campaigns that were deleted."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DELETED = """
ALTER TABLE campaigns ADD COLUMN deleted_at timestamptz;
"""


def upgrade() -> None:
    op.execute(DELETED)
