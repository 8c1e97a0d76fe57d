"""Which leads were taken out of their campaign: whoever keeps a copy takes them out of it, too."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# By a trigger: no deletion is forgotten, nor one of the release before. In the order of the
# transactions, as changes are. Of a lead nothing is kept but its id. As the owner: the trigger is
# there before anybody else is granted its table, and who takes a lead out meanwhile may.
STATEMENTS = (
    """
    CREATE TABLE removed_leads (
        organization_id text NOT NULL,
        campaign_id     text NOT NULL,
        lead_id         text NOT NULL,
        position        bigint NOT NULL,
        updated_at      timestamptz NOT NULL DEFAULT now(),
        changed_in      bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
        PRIMARY KEY (campaign_id, lead_id)
    )
    """,
    """
    CREATE INDEX removed_leads_by_change ON removed_leads (campaign_id, changed_in, position)
    """,
    "CREATE INDEX removed_leads_by_age ON removed_leads (updated_at)",
    # Up to which transaction removals of a campaign are not told any more.
    """
    CREATE TABLE forgotten_removals (
        organization_id text NOT NULL,
        campaign_id     text PRIMARY KEY,
        changed_in      bigint NOT NULL
    )
    """,
    """
    CREATE FUNCTION note_removal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO removed_leads (organization_id, campaign_id, lead_id, position)
        VALUES (OLD.organization_id, OLD.campaign_id, OLD.id, OLD.position)
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
    """,
    """
    DO $$
    BEGIN
        EXECUTE format('ALTER FUNCTION note_removal() SET search_path = %I, pg_temp',
                       current_schema());
    END $$
    """,
    """
    CREATE TRIGGER leads_noted_as_removed AFTER DELETE ON leads
        FOR EACH ROW EXECUTE FUNCTION note_removal()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
