"""What kept answers show that somebody may have forgotten."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index
from servicekit.request_ids.table import ADD_SUBJECT, BY_SUBJECT

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(ADD_SUBJECT)
    for name, on in BY_SUBJECT.items():
        build_index(name, on)
