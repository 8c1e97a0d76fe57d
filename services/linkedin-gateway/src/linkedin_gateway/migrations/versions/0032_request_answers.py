"""Answers by request id: the second call gets the first one's."""

from alembic import op
from servicekit.request_ids.table import CREATE

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(CREATE)
