"""Room for ids that are sealed, and for the hashes by which suppressions find people.

The release before cannot decide any more: it asks for what people are called by under a name that
is gone. So there is no moment at which a person is known by the clear text to one process and by
the sealed one to another. What it has on the wire it still finishes. The first process of this
release fills what is there before it serves (`storage/id_filling.py`).
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE person_aliases RENAME COLUMN value TO known_as;
-- A keyed hash of the suppression's key; empty until it is filled.
ALTER TABLE person_aliases ADD COLUMN suppression_key text NOT NULL DEFAULT '';
ALTER TABLE suppressions ADD COLUMN hashed text NOT NULL DEFAULT '';
-- One row, once what was there is filled.
CREATE TABLE id_filling (
    only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    filled_at timestamptz NOT NULL DEFAULT now()
)
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
