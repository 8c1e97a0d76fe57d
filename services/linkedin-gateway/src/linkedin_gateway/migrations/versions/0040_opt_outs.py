"""Who asked for no further contact, and when last: what was lifted since is not made anew of it."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE opt_outs (
            organization_id text NOT NULL,
            person_id       text NOT NULL,
            written_at      timestamptz NOT NULL,
            suppression_id  text NOT NULL,
            PRIMARY KEY (organization_id, person_id)
        )
        """
    )
