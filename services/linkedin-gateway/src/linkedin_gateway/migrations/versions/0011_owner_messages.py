"""What owners of accounts write by hand, and when the people of leads wrote last."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATEMENTS = """
-- The last of each lead; what follows from it, who asks for an action says.
CREATE TABLE owner_messages (
    organization_id text NOT NULL,
    campaign_id     text NOT NULL,
    lead_id         text NOT NULL,
    account_id      text NOT NULL,
    written_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, campaign_id, lead_id)
);

-- The release before writes the first alone, which then counts as the last.
ALTER TABLE replies ADD COLUMN last_at timestamptz;
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
