"""Whose every attempt is, so that the database can keep organizations apart by itself.

Code of the release before names no organization where it adds an attempt: a trigger takes it from
the delivery until a later migration drops the trigger.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    "ALTER TABLE attempts ADD COLUMN organization_id text",
    """
    UPDATE attempts SET organization_id = deliveries.organization_id
      FROM deliveries WHERE deliveries.delivery_id = attempts.delivery_id
    """,
    "ALTER TABLE attempts ALTER COLUMN organization_id SET NOT NULL",
    """
    CREATE FUNCTION organization_of_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT organization_id INTO NEW.organization_id
          FROM deliveries WHERE delivery_id = NEW.delivery_id;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER attempts_organization BEFORE INSERT ON attempts FOR EACH ROW
        WHEN (NEW.organization_id IS NULL) EXECUTE FUNCTION organization_of_delivery()
    """,
    # A delivery cannot go to another organization's endpoint.
    "ALTER TABLE endpoints ADD UNIQUE (organization_id, endpoint_id)",
    """
    ALTER TABLE deliveries
        DROP CONSTRAINT deliveries_endpoint_id_fkey,
        ADD FOREIGN KEY (organization_id, endpoint_id)
            REFERENCES endpoints (organization_id, endpoint_id)
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
