"""What an account's owner wrote by hand to somebody for whom no lead was known yet."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# The release before takes them for a machine's: nobody is remembered for these.
STATEMENT = """
ALTER TABLE unmatched_messages ADD COLUMN by_owner boolean NOT NULL DEFAULT false
"""


def upgrade() -> None:
    op.execute(STATEMENT)
