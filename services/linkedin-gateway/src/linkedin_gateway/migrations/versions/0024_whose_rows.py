"""Whose every row is, so that the database can keep organizations apart by itself.

Code of the release before names no organization where it adds a row: a trigger takes it from the
account, and of an event from what it says, until a later migration drops the triggers.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Empty is whose account nobody knows any more: no organization is called so.
OF_ACCOUNT = """
CREATE FUNCTION organization_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.organization_id := coalesce(
        (SELECT organization_id FROM accounts WHERE account_id = NEW.account_id), '');
    RETURN NEW;
END $$
"""
ADDED = """
ALTER TABLE {table} ADD COLUMN organization_id text;
UPDATE {table} SET organization_id = coalesce(
    (SELECT organization_id FROM accounts a WHERE a.account_id = {table}.account_id), '');
ALTER TABLE {table} ALTER COLUMN organization_id SET NOT NULL;
CREATE TRIGGER {table}_organization BEFORE INSERT ON {table} FOR EACH ROW
    WHEN (NEW.organization_id IS NULL) EXECUTE FUNCTION organization_of_account()
"""
# The second part of an event's id names its account. A webhook is nobody's until it is
# understood, and for good where nobody is concerned.
UNDERSTOOD_LATER = """
ALTER TABLE outbox ADD COLUMN organization_id text;
UPDATE outbox SET organization_id = coalesce(
    (SELECT organization_id FROM accounts WHERE account_id = split_part(event_id, '/', 2)), '');
ALTER TABLE outbox ALTER COLUMN organization_id SET NOT NULL;
CREATE FUNCTION organization_of_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.organization_id := coalesce(
        (SELECT organization_id FROM accounts
          WHERE account_id = split_part(NEW.event_id, '/', 2)), '');
    RETURN NEW;
END $$;
CREATE TRIGGER outbox_organization BEFORE INSERT ON outbox FOR EACH ROW
    WHEN (NEW.organization_id IS NULL) EXECUTE FUNCTION organization_of_event();
ALTER TABLE inbound ADD COLUMN organization_id text NOT NULL DEFAULT ''
"""
# A month of the archive is a table, which only the owner can make and drop. Attached afterwards:
# made as a partition it would lock out every reader. It is read through `archived_actions` alone.
ARCHIVE = """
CREATE FUNCTION open_archive_month(month timestamp) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    name text := 'archived_actions_' || to_char(month, 'YYYY_MM');
BEGIN
    EXECUTE format(
        'CREATE TABLE %I (LIKE archived_actions INCLUDING DEFAULTS INCLUDING INDEXES)', name);
    EXECUTE format('CREATE POLICY owner ON %I TO CURRENT_USER USING (true)', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
        'ALTER TABLE archived_actions ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
END $$;
CREATE FUNCTION drop_archive_month(name text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF name !~ '^archived_actions_[0-9]{4}_[0-9]{2}$' THEN
        RAISE EXCEPTION '% is no month of the archive', name;
    END IF;
    EXECUTE format('DROP TABLE %I', name);
END $$
"""


def upgrade() -> None:
    op.execute(OF_ACCOUNT)
    for table in ("profiles", "cool_downs", "account_downs", "invitation_audits"):
        op.execute(ADDED.format(table=table))
    op.execute(UNDERSTOOD_LATER)
    op.execute(ARCHIVE)
