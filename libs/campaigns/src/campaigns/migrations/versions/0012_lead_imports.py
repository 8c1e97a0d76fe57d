"""Imports of lead lists: the file's hash, how it was read, and what became of it."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LEAD_IMPORTS = """
-- `ended_at` is empty while the list is read, and stays so if the replica died with it; `failure`
-- says why a list was refused. `result` counts, and names columns and encoding; nobody's name
-- is in it, only the values that the caller confirms are in `literal`.
CREATE TABLE lead_imports (
    organization_id text NOT NULL,
    import_id       text NOT NULL,
    campaign_id     text NOT NULL REFERENCES campaigns,
    created_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    content_hash    text NOT NULL DEFAULT '',
    content_bytes   bigint NOT NULL DEFAULT 0,
    column_by_field jsonb NOT NULL,
    literal         jsonb NOT NULL,
    result          jsonb NOT NULL DEFAULT '{}',
    failure         text NOT NULL DEFAULT '',
    PRIMARY KEY (organization_id, import_id)
);
CREATE INDEX lead_imports_of_campaign ON lead_imports (campaign_id, created_at, import_id);
"""


def upgrade() -> None:
    op.execute(LEAD_IMPORTS)
