"""Sign-ins under way, and restarts of accounts that froze."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = """
-- How often, since it last worked for long, an account was started anew, and when next.
ALTER TABLE accounts ADD COLUMN restarts integer NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN restart_at timestamptz;
CREATE INDEX accounts_to_restart ON accounts (restart_at) WHERE restart_at IS NOT NULL;
CREATE INDEX accounts_by_member ON accounts (organization_id, provider_id)
    WHERE provider_id <> '';

-- An owner who connects an account: on a page at Unipile, or through us with a checkpoint.
-- Of the token only the hash is kept.
CREATE TABLE sign_ins (
    token_hash         text PRIMARY KEY,
    organization_id    text NOT NULL,
    -- The account that is connected again; empty for a new one until it is registered.
    account_id         text NOT NULL DEFAULT '',
    -- Unipile's id, as soon as it is known.
    unipile_account_id text NOT NULL DEFAULT '',
    kind               text NOT NULL,
    state              text NOT NULL,
    reason             text NOT NULL DEFAULT '',
    created_at         timestamptz NOT NULL,
    expires_at         timestamptz NOT NULL
);
CREATE INDEX sign_ins_to_finish ON sign_ins (created_at) WHERE state = 'signed_in';
CREATE INDEX sign_ins_waiting ON sign_ins (expires_at) WHERE state = 'open'
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
