"""The key that page tokens are signed by."""

from alembic import op
from servicekit.lists import page_token_key

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(page_token_key.CREATE)
