"""When an account last changed, by the database's clock."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# What was there before has changed when this ran. Not what is only counted or planned: when it is
# probed, polled, and how its health is.
_SEEN = "name, tier, unipile_account_id, state, state_reason, working_hours, caps"
STATEMENTS = f"""
ALTER TABLE accounts ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
CREATE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := CASE TG_OP WHEN 'INSERT' THEN coalesce(NEW.updated_at, now()) ELSE now() END;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_added BEFORE INSERT ON accounts
    FOR EACH ROW EXECUTE FUNCTION note_update();
CREATE TRIGGER accounts_updated BEFORE UPDATE OF {_SEEN} ON accounts
    FOR EACH ROW WHEN (ROW({", ".join(f"OLD.{each}" for each in _SEEN.split(", "))})
        IS DISTINCT FROM ROW({", ".join(f"NEW.{each}" for each in _SEEN.split(", "))}))
    EXECUTE FUNCTION note_update();
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
