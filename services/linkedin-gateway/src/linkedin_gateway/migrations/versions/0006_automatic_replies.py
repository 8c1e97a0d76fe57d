"""Out-of-office notes and the like, apart from what people wrote themselves."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A table of its own: the release before takes every row of `replies` for a person's.
STATEMENTS = """
CREATE TABLE automatic_replies (
    campaign_id text NOT NULL,
    lead_id     text NOT NULL,
    account_id  text NOT NULL,
    replied_at  timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, lead_id)
)
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
