"""Hours that an action was asked for with, acceptances told, connections of accounts."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = """
-- The campaign's sending window and the person's zone, with which a request was asked for last.
ALTER TABLE actions ADD COLUMN hours text NOT NULL DEFAULT '';
ALTER TABLE archived_actions ADD COLUMN hours text NOT NULL DEFAULT '';
CREATE OR REPLACE VIEW every_action AS
    SELECT * FROM actions UNION ALL SELECT * FROM archived_actions;

-- When the leads heard that the person accepted. A profile that is read may show a connection
-- before anybody told of it: who is connected and has no such moment is still to be told of.
ALTER TABLE profiles ADD COLUMN accepted_at timestamptz;
UPDATE profiles SET accepted_at = now() WHERE connected;

-- How many connections an account has, and when that was, or will be, looked up.
ALTER TABLE accounts
    ADD COLUMN connections    integer,
    ADD COLUMN connections_at timestamptz NOT NULL DEFAULT '-infinity';
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split(";\n"):
        op.execute(statement)
