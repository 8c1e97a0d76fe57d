"""The trace of what made an event happen, from which its deliveries go on."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE events ADD COLUMN trace text NOT NULL DEFAULT ''")
