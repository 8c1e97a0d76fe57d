"""What keys are listed by, and when a member last changed, by the database's clock."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What was there before has changed when this ran. Safe to repeat, for it is committed before the
# index is there.
_SEEN = "name, role, account_ids, disabled_at"
CHANGED = f"""
ALTER TABLE members ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
CREATE OR REPLACE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER members_updated BEFORE UPDATE OF {_SEEN} ON members
    FOR EACH ROW WHEN (ROW({", ".join(f"OLD.{each}" for each in _SEEN.split(", "))})
        IS DISTINCT FROM ROW({", ".join(f"NEW.{each}" for each in _SEEN.split(", "))}))
    EXECUTE FUNCTION note_update();
"""


def upgrade() -> None:
    op.execute(CHANGED)
    build_index("api_keys_of_member", "api_keys (organization_id, member_id, created_at, key_id)")
