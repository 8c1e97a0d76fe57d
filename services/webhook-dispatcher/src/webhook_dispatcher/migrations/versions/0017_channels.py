"""By what an endpoint's events come, and in which form."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Another form is an edit like any other, and is noted; a channel stays.
_SEEN = (
    "url, event_types, description, secret, disabled_at, campaign_ids, account_ids, sealed_headers,"
    " max_per_minute, max_concurrency, legacy_signature, legacy_secret, payload_form"
)
STATEMENTS = (
    """
    ALTER TABLE endpoints
        ADD COLUMN channel      text NOT NULL DEFAULT 'webhook'
                   CHECK (channel IN ('webhook', 'slack', 'email')),
        ADD COLUMN payload_form text NOT NULL DEFAULT 'with_lead'
                   CHECK (payload_form IN ('with_lead', 'ids', 'lead_record'))
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
