"""How many invitations a sender has free on each of the days that were asked for."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sender_readings ADD COLUMN free_by_day jsonb NOT NULL DEFAULT '{}'")
