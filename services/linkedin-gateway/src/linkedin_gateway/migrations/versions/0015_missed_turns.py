"""Turns that nobody came for and that nobody else has taken yet."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE missed_turns (
    organization_id text NOT NULL,
    account_id      text PRIMARY KEY,
    -- How many are free, who was told last to come for them, and how often somebody was.
    turns           integer NOT NULL,
    told_ids        text[] NOT NULL,
    rounds          integer NOT NULL,
    since           timestamptz NOT NULL,
    look_at         timestamptz NOT NULL
)
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
