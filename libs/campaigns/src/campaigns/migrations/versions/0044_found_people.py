"""By what people are found across campaigns; who wrote what was heard, and when."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index
from servicekit.postgres.alembic_env.transactions import let_go

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# No row is written anew. Safe to repeat, for it is committed before the indexes are there.
# Without a hash is whoever came before there was one, and by a process of the release before; it
# is made when somebody is looked for. That is no change of the lead: whoever follows leads is told
# of none. Whoever is written anew has none until then.
STATEMENTS = (
    "ALTER TABLE leads ADD COLUMN IF NOT EXISTS email_hash text",
    """
    CREATE OR REPLACE FUNCTION note_lead_update() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.email_hash IS NULL AND NEW.email_hash IS NOT NULL THEN
            RETURN NEW;
        END IF;
        IF NEW.person IS DISTINCT FROM OLD.person OR NEW.email IS DISTINCT FROM OLD.email THEN
            NEW.email_hash := NULL;
        END IF;
        NEW.updated_at := now();
        NEW.changed_in := pg_current_xact_id()::text::bigint;
        RETURN NEW;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER leads_updated BEFORE UPDATE ON leads
        FOR EACH ROW EXECUTE FUNCTION note_lead_update()
    """,
    "ALTER TABLE heard_messages ADD COLUMN IF NOT EXISTS author text NOT NULL DEFAULT ''",
    "ALTER TABLE heard_messages ADD COLUMN IF NOT EXISTS heard_at timestamptz",
)
INDEXES = {
    "leads_of_person": "leads (organization_id, public_identifier)",
    "leads_by_email": "leads (organization_id, email_hash) WHERE email_hash <> ''",
    "leads_without_email_hash": "leads (organization_id) WHERE email_hash IS NULL",
}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
        let_go()
    for name, on in INDEXES.items():
        build_index(name, on)
