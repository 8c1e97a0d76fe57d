"""Of which accounts a list of people is, where whoever made it is limited to some."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Lists that there are, and those that the release before makes, are the organization's.
    op.execute("ALTER TABLE lead_lists ADD COLUMN account_ids text[] NOT NULL DEFAULT '{}'")
