"""What profiles say of people, sealed; the columns that had it in clear are written no more.

The release before still reads those: they are dropped by a later one, and emptied by
`python -m linkedin_gateway.storage.reseal`.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE profiles ADD COLUMN words bytea")
