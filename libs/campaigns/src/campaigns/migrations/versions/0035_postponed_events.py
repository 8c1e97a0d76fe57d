"""How often a bug has kept an event from being taken: that has an end."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

STATEMENTS = ("ALTER TABLE outbox ADD COLUMN postponements integer NOT NULL DEFAULT 0",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
