"""Organizations, members, their keys, and the issuer's."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE organizations (
            organization_id text PRIMARY KEY,
            name            text NOT NULL,
            created_at      timestamptz NOT NULL DEFAULT now(),
            disabled_at     timestamptz
        );
        CREATE INDEX organizations_in_order ON organizations (created_at, organization_id);

        -- No accounts: not limited. An empty list: limited to none at all.
        CREATE TABLE members (
            organization_id text NOT NULL REFERENCES organizations,
            member_id       text NOT NULL UNIQUE,
            request_id      text NOT NULL,
            name            text NOT NULL,
            role            text NOT NULL
                CHECK (role IN ('viewer', 'member', 'manager', 'admin', 'operator')),
            account_ids     text[],
            created_at      timestamptz NOT NULL DEFAULT now(),
            disabled_at     timestamptz,
            PRIMARY KEY (organization_id, member_id),
            UNIQUE (organization_id, request_id)
        );
        CREATE INDEX members_in_order ON members (organization_id, created_at, member_id);

        -- `hash` is SHA-256 of a key of 260 random bits: nothing to guess, so nothing to slow down.
        CREATE TABLE api_keys (
            organization_id text NOT NULL,
            key_id          text NOT NULL UNIQUE,
            member_id       text NOT NULL,
            name            text NOT NULL,
            prefix          text NOT NULL UNIQUE,
            hash            bytea NOT NULL,
            scopes          text[] NOT NULL,
            account_ids     text[],
            created_at      timestamptz NOT NULL DEFAULT now(),
            expires_at      timestamptz,
            revoked_at      timestamptz,
            last_used_at    timestamptz,
            replaced_by     text NOT NULL DEFAULT '',
            PRIMARY KEY (organization_id, key_id),
            FOREIGN KEY (organization_id, member_id) REFERENCES members
        );
        CREATE INDEX api_keys_in_order ON api_keys (organization_id, created_at, key_id);

        -- Of the whole installation, no organization's. `private_key` is encrypted.
        CREATE TABLE issuer_keys (
            issuer_key_id   text PRIMARY KEY,
            public_key      jsonb NOT NULL,
            private_key     bytea NOT NULL,
            created_at      timestamptz NOT NULL DEFAULT now(),
            retired_at      timestamptz
        );
        -- Tokens are signed with one key at a time.
        CREATE UNIQUE INDEX issuer_keys_in_use ON issuer_keys ((true)) WHERE retired_at IS NULL;
    """)
