"""The request that made a program, to the letter: apart from what it is compared by.

The release before compares that whole.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE programs ADD COLUMN IF NOT EXISTS said text NOT NULL DEFAULT ''")
