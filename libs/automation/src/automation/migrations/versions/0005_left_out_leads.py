"""Which leads of a release were left out as it took effect, and when that was settled."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LEFT_OUT = """
-- When it was settled which leads of a release still fit; empty before, and of other kinds.
ALTER TABLE decisions ADD COLUMN fitted_at timestamptz;
-- Why a lead was not released after all; empty of who was, or is to be.
ALTER TABLE decision_leads ADD COLUMN left_out text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    op.execute(LEFT_OUT)
