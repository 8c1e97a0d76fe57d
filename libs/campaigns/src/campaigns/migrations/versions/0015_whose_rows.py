"""Whose every row is, so that the database can keep organizations apart by itself.

Code of the release before names no organization where it adds a row: a trigger takes it from the
campaign or the lead until a later migration drops the triggers.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# A campaign's rows cannot be another organization's: the key that they refer to says whose it is.
KEY = "ALTER TABLE campaigns ADD CONSTRAINT campaigns_of_organization UNIQUE (organization_id, id)"
OF_CAMPAIGN = """
CREATE FUNCTION organization_of_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT organization_id INTO NEW.organization_id FROM campaigns WHERE id = NEW.campaign_id;
    RETURN NEW;
END $$
"""
OF_LEAD = """
CREATE FUNCTION organization_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT organization_id INTO NEW.organization_id FROM leads WHERE id = NEW.lead_id;
    RETURN NEW;
END $$
"""
ADDED = """
ALTER TABLE {table} ADD COLUMN organization_id text;
UPDATE {table} SET organization_id = owner.organization_id
  FROM {owner}s owner WHERE owner.id = {table}.{owner}_id;
ALTER TABLE {table} ALTER COLUMN organization_id SET NOT NULL;
CREATE TRIGGER {table}_organization BEFORE INSERT ON {table} FOR EACH ROW
    WHEN (NEW.organization_id IS NULL) EXECUTE FUNCTION organization_of_{owner}()
"""
REFERRED = """
ALTER TABLE {table} DROP CONSTRAINT {table}_campaign_id_fkey,
    ADD CONSTRAINT {table}_of_campaign FOREIGN KEY (organization_id, campaign_id)
        REFERENCES campaigns (organization_id, id)
"""
OWNERS = {
    "revisions": "campaign",
    "leads": "campaign",
    "step_executions": "campaign",
    "step_texts": "lead",
}


def upgrade() -> None:
    for statement in (KEY, OF_CAMPAIGN, OF_LEAD):
        op.execute(statement)
    for table, owner in OWNERS.items():
        # Nobody is told of a change: there is none to whoever watches a campaign.
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        op.execute(ADDED.format(table=table, owner=owner))
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for table in ("revisions", "leads", "lead_imports"):
        op.execute(REFERRED.format(table=table))
