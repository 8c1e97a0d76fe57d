"""Leads that are to go on from another account, because theirs does not come back."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The account that a lead is to have, and whether even if somebody has contacted it.
REPLACED = """
ALTER TABLE leads ADD COLUMN replacement_account_id text NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN replaced_if_contacted boolean NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    op.execute(REPLACED)
