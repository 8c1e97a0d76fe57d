"""What a decision comes to that is called off while its effect may be on its way."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ENDING = """
-- The state that follows once its leads are taken back; while it is set nobody brings it about.
ALTER TABLE decisions ADD COLUMN ending text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    op.execute(ENDING)
