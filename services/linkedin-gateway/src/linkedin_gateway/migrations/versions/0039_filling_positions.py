"""How far ids of before are sealed, of each table: whoever goes on does so from there."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# By the key of the last row that was looked at. Empty once all is filled.
STATEMENTS = """
CREATE TABLE id_filling_positions (
    filled_table text PRIMARY KEY,
    after_key    text[] NOT NULL
)
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
