"""What the request that made a campaign asked for: it can be repeated after an edit."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE campaigns ADD COLUMN request_hash text NOT NULL DEFAULT ''")
