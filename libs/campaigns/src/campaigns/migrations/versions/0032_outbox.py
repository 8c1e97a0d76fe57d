"""What customers are to hear, from the transaction that makes it true until it is published."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# A number is drawn under its subject's row, which is held until it is committed: in the order of
# numbers is in the order of commits. The body is what is sent, byte by byte; it is thrown away
# when that was taken. What was sent stays for a while, so that it is not written again.
STATEMENTS = (
    """
    CREATE TABLE outbox_subjects (
        organization_id text NOT NULL,
        subject         text NOT NULL,
        last_number     bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (organization_id, subject)
    )
    """,
    """
    CREATE TABLE outbox (
        organization_id text NOT NULL,
        subject         text NOT NULL,
        number          bigint NOT NULL CHECK (number > 0),
        event_id        text NOT NULL,
        type            text NOT NULL,
        occurred_at     timestamptz NOT NULL,
        body            bytea NOT NULL,
        trace           text NOT NULL,
        written_at      timestamptz NOT NULL DEFAULT now(),
        state           text NOT NULL DEFAULT 'unsent'
                        CHECK (state IN ('unsent', 'sent', 'refused')),
        -- When it may be sent; later than it was written where a bug keeps it from being taken.
        not_before      timestamptz NOT NULL DEFAULT now(),
        -- Of one that was refused, as the dispatcher says it.
        reason          text NOT NULL DEFAULT '',
        ended_at        timestamptz,
        PRIMARY KEY (organization_id, subject, number),
        UNIQUE (organization_id, event_id),
        CHECK ((state = 'unsent') = (ended_at IS NULL))
    )
    """,
    "CREATE INDEX outbox_unsent ON outbox (written_at) WHERE state = 'unsent'",
    """
    CREATE INDEX outbox_unsent_in_order ON outbox (organization_id, subject, number)
     WHERE state = 'unsent'
    """,
    "CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'unsent'",
    """
    CREATE FUNCTION notify_outbox_written() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('outbox_written', '');
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER outbox_written AFTER INSERT ON outbox
        FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox_written()
    """,
    # Nobody hears of who was removed or purged any more. As the owner: whoever takes a lead out
    # while this is migrated has not been granted the tables yet.
    """
    CREATE FUNCTION forget_outbox_of_lead() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
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
    """
    CREATE TRIGGER leads_forgotten_in_outbox AFTER DELETE ON leads
        FOR EACH ROW EXECUTE FUNCTION forget_outbox_of_lead()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
