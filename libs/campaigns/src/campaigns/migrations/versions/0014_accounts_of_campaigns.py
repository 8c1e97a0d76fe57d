"""Which campaigns an account sends for, found by the account."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX campaigns_by_account ON campaigns USING gin (account_ids)")
