"""The time zone of a lead's day."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME_ZONE = """
-- Empty where nobody knows: then the campaign's hours count alone, as before.
ALTER TABLE leads ADD COLUMN time_zone text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    op.execute(TIME_ZONE)
