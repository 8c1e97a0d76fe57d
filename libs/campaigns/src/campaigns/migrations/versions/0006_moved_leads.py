"""Leads that were moved to another account before anybody contacted them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The account a lead had, and the request that was to be called off there.
MOVED = """
ALTER TABLE leads ADD COLUMN moved_from text NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN moved_request text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    op.execute(MOVED)
