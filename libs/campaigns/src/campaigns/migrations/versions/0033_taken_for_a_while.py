"""The outbox's events are taken for a while, not by a lock: who removes a lead waits for nobody."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

STATEMENTS = (
    # Until when whoever took it may send it; then it is anybody's.
    "ALTER TABLE outbox ADD COLUMN taken_until timestamptz",
    # As before, and each lead's rows are locked in their order: whoever sends has the first unsent
    # one and those behind it, or finds it locked and passes over the lead.
    """
    CREATE OR REPLACE FUNCTION forget_outbox_of_lead() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        PERFORM FROM outbox
          WHERE organization_id = OLD.organization_id AND subject = OLD.id
          ORDER BY number FOR UPDATE;
        DELETE FROM outbox WHERE organization_id = OLD.organization_id AND subject = OLD.id;
        DELETE FROM outbox_subjects
         WHERE organization_id = OLD.organization_id AND subject = OLD.id;
        RETURN NULL;
    END $$
    """,
    """
    DO $$
    BEGIN
        EXECUTE format('ALTER FUNCTION forget_outbox_of_lead() SET search_path = %I, pg_temp',
                       current_schema());
    END $$
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
