"""Whom suppressions cover, and names that are looked up little by little."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Of what was added before it is not known what it says: such a suppression covers whoever is
# called so, as it did.
STATEMENTS = """
ALTER TABLE suppressions
    ADD COLUMN person_id    text NOT NULL DEFAULT '',
    ADD COLUMN looked_up_at timestamptz;
-- The one index that a decision can look a person up in.
CREATE INDEX suppressions_person ON suppressions (person_id) WHERE person_id <> '';

-- Like `suppressed_ids`, but nobody waits for these.
CREATE TABLE suppressed_names (
    organization_id text NOT NULL,
    identifier      text NOT NULL,
    key             text NOT NULL,
    added_at        timestamptz NOT NULL,
    leased_until    timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (organization_id, identifier)
);
-- When an organization's next name is looked up.
CREATE TABLE suppressed_name_looks (
    organization_id text PRIMARY KEY,
    next_at         timestamptz NOT NULL
)
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
