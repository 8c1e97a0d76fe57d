"""The request that made a campaign, to the letter: apart from what it is compared by.

The release before compares that whole.
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE campaigns ADD COLUMN IF NOT EXISTS said text NOT NULL DEFAULT ''")
