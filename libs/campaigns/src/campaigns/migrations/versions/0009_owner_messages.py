"""When the owner of a lead's account wrote by hand, and when the person wrote last."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE leads ADD COLUMN owner_wrote_at timestamptz, ADD COLUMN answered_at timestamptz
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
