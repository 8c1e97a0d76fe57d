"""Which leads were released, by what, with which rank and for which account."""

from alembic import op
from servicekit.postgres.alembic_env.indexes import build_index

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# No row is written anew. Safe to repeat, for it is committed before the index is there.
STATEMENTS = (
    "ALTER TABLE leads ADD COLUMN IF NOT EXISTS rank double precision",
    "ALTER TABLE leads ADD COLUMN IF NOT EXISTS released_at timestamptz",
    "ALTER TABLE leads ADD COLUMN IF NOT EXISTS release_id text NOT NULL DEFAULT ''",
    # Only until the lead is admitted; from then on it has an account.
    "ALTER TABLE leads ADD COLUMN IF NOT EXISTS released_account_id text NOT NULL DEFAULT ''",
    # One of an organization happens once, and is answered as it was. `answers` has one for each
    # lead that was asked for, in that order.
    """
    CREATE TABLE IF NOT EXISTS releases (
        organization_id text NOT NULL,
        release_id      text NOT NULL,
        campaign_id     text NOT NULL REFERENCES campaigns,
        lead_ids        text[] NOT NULL,
        answers         text[] NOT NULL,
        released_at     timestamptz NOT NULL,
        PRIMARY KEY (organization_id, release_id)
    )
    """,
)
_READY = "state = 'ready' AND held_reason = ''"
# Few at a time: who is admitted leaves it.
RELEASED = (
    "leads (campaign_id, rank DESC NULLS LAST, position) "
    f"WHERE {_READY} AND released_at IS NOT NULL"
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    build_index("releases_of_campaign", "releases (campaign_id, released_at)")
    build_index("leads_released", RELEASED)
