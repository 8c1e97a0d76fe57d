"""What an endpoint was sent is counted, beside the turns that were given."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# When what was posted is as far apart as it should be; by the database's clock, in real time.
STATEMENTS = ("ALTER TABLE endpoint_paces ADD COLUMN free_at timestamptz NOT NULL DEFAULT now()",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
