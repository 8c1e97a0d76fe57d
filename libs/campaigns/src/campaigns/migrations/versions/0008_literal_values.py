"""Values of a lead that look as if they said nothing, and are meant as they stand."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LITERAL = """
-- A list of texts. Code of the release before takes such a value as it stands, too.
ALTER TABLE leads ADD COLUMN literal jsonb NOT NULL DEFAULT '[]';
"""


def upgrade() -> None:
    op.execute(LITERAL)
