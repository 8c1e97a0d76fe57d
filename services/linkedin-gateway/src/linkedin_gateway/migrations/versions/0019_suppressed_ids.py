"""Ids that suppressions name people by, until a profile has shown whose they are."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE suppressed_ids (
    organization_id text NOT NULL,
    -- Readable, as the provider is to be asked for it; a suppression keeps its hash alone.
    identifier      text NOT NULL,
    key             text NOT NULL,
    added_at        timestamptz NOT NULL,
    leased_until    timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (organization_id, identifier)
)
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
