"""Messages of people who were nobody's leads, as far as was known when they came."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE unmatched_messages (
    organization_id text NOT NULL,
    account_id      text NOT NULL,
    -- By which the account knows who wrote it.
    provider_id     text NOT NULL,
    -- The webhook's, in `inbound`.
    dedupe_key      text NOT NULL,
    written_at      timestamptz NOT NULL,
    automatic       boolean NOT NULL,
    PRIMARY KEY (organization_id, account_id, provider_id, dedupe_key)
);
CREATE INDEX unmatched_messages_old ON unmatched_messages (written_at)
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
