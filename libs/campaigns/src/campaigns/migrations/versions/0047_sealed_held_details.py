"""Why leads are held back, sealed: it may quote what their list says of them.

The release before reads an empty sentence. What it writes in clear takes the place of what was
sealed before it.
"""

from alembic import op
from servicekit.postgres.alembic_env.transactions import let_go

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

# No row is written anew. Of a lead that has failed the reason goes once that is told, and why it
# had been held back stays.
STATEMENTS = (
    "ALTER TABLE leads ADD COLUMN IF NOT EXISTS sealed_held_detail bytea",
    """
    CREATE OR REPLACE FUNCTION note_lead_update() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.email_hash IS NULL AND NEW.email_hash IS NOT NULL THEN
            RETURN NEW;
        END IF;
        IF NEW.person IS DISTINCT FROM OLD.person OR NEW.email IS DISTINCT FROM OLD.email THEN
            NEW.email_hash := NULL;
        END IF;
        IF NEW.state = 'ready' AND NEW.sealed_held_detail = OLD.sealed_held_detail
           AND (NEW.held_reason, NEW.held_detail) <> (OLD.held_reason, OLD.held_detail) THEN
            NEW.sealed_held_detail := NULL;
        END IF;
        NEW.updated_at := now();
        NEW.changed_in := pg_current_xact_id()::text::bigint;
        RETURN NEW;
    END $$
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
        let_go()
