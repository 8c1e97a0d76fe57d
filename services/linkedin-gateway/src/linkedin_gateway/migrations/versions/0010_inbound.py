"""Webhooks as they came, whose reply a message is, and messages found by polling."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The release before reads `body` and writes it alone; who reads takes whichever is there.
STATEMENTS = """
ALTER TABLE inbound
    ALTER COLUMN body DROP NOT NULL,
    ADD COLUMN raw      bytea,
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN retry_at timestamptz;

-- Whom the account writes with in a chat.
CREATE INDEX profiles_chat ON profiles (account_id, chat_id) WHERE chat_id <> '';
CREATE INDEX actions_chat ON actions (account_id, (outcome ->> 'chat_id'))
    WHERE outcome ->> 'chat_id' <> '';
CREATE INDEX archived_actions_chat ON archived_actions (account_id, (outcome ->> 'chat_id'))
    WHERE outcome ->> 'chat_id' <> '';

-- Up to when the messages of an account were read from the provider's store.
CREATE TABLE message_polls (
    organization_id text NOT NULL,
    account_id      text PRIMARY KEY,
    read_to         timestamptz,
    next_at         timestamptz NOT NULL,
    leased_until    timestamptz
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
