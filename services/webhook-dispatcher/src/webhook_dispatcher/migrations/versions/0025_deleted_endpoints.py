"""Until when a deleted endpoint comes back, with all that it was."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index
from servicekit.postgres.alembic_env.transactions import let_go

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# To be deleted, and to come back, are changes like others.
_SEEN = (
    "url, event_types, description, secret, disabled_at, campaign_ids, account_ids, sealed_headers,"
    " max_per_minute, max_concurrency, legacy_signature, legacy_secret, payload_form, deleted_at"
)
_OLD, _NEW = (
    ", ".join(f"{row}.{each.strip()}" for each in _SEEN.split(",")) for row in ("OLD", "NEW")
)
# Whom the release before deletes has no secret from then on, and no time to come back.
STATEMENTS = (
    "ALTER TABLE endpoints ADD COLUMN IF NOT EXISTS purge_at timestamptz",
    f"""
    CREATE OR REPLACE TRIGGER endpoints_updated BEFORE UPDATE OF {_SEEN} ON endpoints
        FOR EACH ROW WHEN (ROW({_OLD}) IS DISTINCT FROM ROW({_NEW}))
        EXECUTE FUNCTION note_update()
    """,
    # Who follows was told that it is gone: its purge is nothing new.
    """
    CREATE OR REPLACE TRIGGER endpoints_noted_as_changed BEFORE UPDATE ON endpoints
        FOR EACH ROW WHEN (OLD.deleted_at IS NULL OR NEW.deleted_at IS NULL)
        EXECUTE FUNCTION note_change()
    """,
)
INDEXES = {
    "endpoints_kept": (
        "endpoints (organization_id, created_at, endpoint_id) WHERE secret IS NOT NULL"
    ),
    "endpoints_to_purge": (
        "endpoints (coalesce(purge_at, deleted_at)) WHERE deleted_at IS NOT NULL AND url <> ''"
    ),
}


def upgrade() -> None:
    let_go()
    for statement in STATEMENTS:
        op.execute(statement)
        let_go()
    for name, on in INDEXES.items():
        build_index(name, on)
