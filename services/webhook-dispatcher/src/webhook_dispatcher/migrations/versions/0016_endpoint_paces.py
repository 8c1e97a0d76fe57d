"""When an endpoint that is to be sent so many requests a minute may be sent the next one."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE endpoint_paces (
        organization_id text NOT NULL,
        endpoint_id     text NOT NULL,
        -- By the database's clock, in real time.
        next_at         timestamptz NOT NULL,
        PRIMARY KEY (organization_id, endpoint_id),
        FOREIGN KEY (organization_id, endpoint_id)
            REFERENCES endpoints (organization_id, endpoint_id) ON DELETE CASCADE
    )
    """,
    # The turn that a delivery was given and has not taken yet.
    "ALTER TABLE deliveries ADD COLUMN turn_at timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
