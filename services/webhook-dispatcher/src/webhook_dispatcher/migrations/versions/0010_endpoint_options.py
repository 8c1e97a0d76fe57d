"""What an endpoint may ask for, secrets that sign beside the newest, and what events are about.

Code of the release before neither reads nor writes any of it.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What is encrypted anew is as it was: whoever does that says so, and no update is noted.
_SEEN = (
    "url, event_types, description, secret, disabled_at, campaign_ids, account_ids, sealed_headers,"
    " max_per_minute, max_concurrency, legacy_signature, legacy_secret"
)
STATEMENTS = (
    """
    ALTER TABLE endpoints
        ADD COLUMN campaign_ids      text[] NOT NULL DEFAULT '{}',
        ADD COLUMN account_ids       text[] NOT NULL DEFAULT '{}',
        ADD COLUMN header_names      text[] NOT NULL DEFAULT '{}',
        ADD COLUMN sealed_headers    bytea NOT NULL DEFAULT '',
        ADD COLUMN max_per_minute    integer NOT NULL DEFAULT 0,
        ADD COLUMN max_concurrency   integer NOT NULL DEFAULT 0,
        ADD COLUMN legacy_signature  jsonb,
        ADD COLUMN legacy_secret     bytea NOT NULL DEFAULT '',
        ADD COLUMN disable_reason    text
                   CHECK (disable_reason IN ('requested', 'gone', 'failing')),
        ADD COLUMN secret_request_id text NOT NULL DEFAULT '',
        ADD COLUMN old_secrets       bytea[] NOT NULL DEFAULT '{}',
        ADD COLUMN old_secrets_until timestamptz[] NOT NULL DEFAULT '{}',
        ADD COLUMN old_secrets_request_ids text[] NOT NULL DEFAULT '{}'
    """,
    """
    ALTER TABLE events
        ADD COLUMN occurred_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN campaign_id text NOT NULL DEFAULT '',
        ADD COLUMN lead_id     text NOT NULL DEFAULT '',
        ADD COLUMN account_id  text NOT NULL DEFAULT ''
    """,
    """
    UPDATE events
       SET occurred_at = published_at,
           campaign_id = coalesce(payload::jsonb #>> '{data,campaign,id}', ''),
           lead_id = coalesce(payload::jsonb #>> '{data,lead,id}', ''),
           account_id = coalesce(nullif(payload::jsonb #>> '{data,account,id}', ''),
                                 payload::jsonb #>> '{data,lead,accountId}', '')
    """,
    """
    CREATE OR REPLACE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('webhook.encrypts_anew', true) = 'yes' THEN
            RETURN NEW;
        END IF;
        NEW.updated_at := now();
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE OR REPLACE TRIGGER endpoints_updated BEFORE UPDATE OF {_SEEN} ON endpoints
        FOR EACH ROW WHEN (ROW({", ".join(f"OLD.{each.strip()}" for each in _SEEN.split(","))})
            IS DISTINCT FROM ROW({", ".join(f"NEW.{each.strip()}" for each in _SEEN.split(","))}))
        EXECUTE FUNCTION note_update()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
