"""The accounts of a member of LinkedIn, whichever organization they act for."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# The index by member that is there begins with the organization. Caps are counted by member in
# each decision, and who has a member is asked of all accounts.
STATEMENT = """
CREATE INDEX accounts_of_member ON accounts (provider_id) WHERE provider_id <> ''
"""


def upgrade() -> None:
    op.execute(STATEMENT)
