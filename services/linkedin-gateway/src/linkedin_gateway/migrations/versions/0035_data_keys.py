"""The keys by which webhooks as they came, and events about people, are sealed."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index
from servicekit.sealing import data_keys

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(data_keys.CREATE)
    build_index(data_keys.IN_USE, data_keys.INDEX, unique=True)
