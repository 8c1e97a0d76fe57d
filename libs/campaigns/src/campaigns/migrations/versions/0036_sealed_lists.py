"""People of lists that are kept, and lists that are uploaded, sealed; beside what lies in clear."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# No row is written anew.
STATEMENTS = (
    "ALTER TABLE lead_list_entries ADD COLUMN IF NOT EXISTS person bytea",
    # A piece of a file may begin with any byte, also as what is sealed does.
    "ALTER TABLE import_pieces ADD COLUMN IF NOT EXISTS is_sealed boolean NOT NULL DEFAULT false",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
