"""How accounts fare: their age, what set them back, and the score that follows."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE accounts
    -- Since when it is connected at Unipile; unknown means long ago.
    ADD COLUMN since       timestamptz,
    -- When its last restriction was over, and when it acted again after it was idle.
    ADD COLUMN restored_at timestamptz,
    ADD COLUMN resumed_at  timestamptz,
    ADD COLUMN multiplier  double precision NOT NULL DEFAULT 1,
    ADD COLUMN health_at   timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX accounts_health ON accounts (health_at);

-- Each time that an account went down.
CREATE TABLE account_downs (
    account_id text NOT NULL,
    state      text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (account_id, at)
);

-- Whether people were told that it is open, and not yet that it is over.
ALTER TABLE cool_downs ADD COLUMN told_open boolean NOT NULL DEFAULT false;
CREATE INDEX cool_downs_open ON cool_downs (until) WHERE told_open;
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
