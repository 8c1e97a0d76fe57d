"""The exit by which a lead has left a condition or a split."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EXITS = """
-- Empty for steps that have no exits.
ALTER TABLE step_executions ADD COLUMN taken text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    op.execute(EXITS)
