"""Which accounts a campaign had before: who is limited to them is told that it is not theirs."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# Kept by the table itself: whatever changes its accounts, also the release before, says so.
STATEMENTS = (
    "ALTER TABLE campaigns ADD COLUMN IF NOT EXISTS left_account_ids text[] NOT NULL DEFAULT '{}'",
    """
    CREATE OR REPLACE FUNCTION note_left_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.left_account_ids := ARRAY(
            SELECT unnest(OLD.left_account_ids || OLD.account_ids)
            EXCEPT SELECT unnest(NEW.account_ids) ORDER BY 1);
        RETURN NEW;
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER campaign_accounts_left BEFORE UPDATE OF account_ids ON campaigns
        FOR EACH ROW WHEN (OLD.account_ids IS DISTINCT FROM NEW.account_ids)
        EXECUTE FUNCTION note_left_accounts()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
