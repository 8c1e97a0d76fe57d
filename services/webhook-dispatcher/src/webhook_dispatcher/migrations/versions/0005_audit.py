"""A record of every act, chained by seals: only added to, a table a month."""

from alembic import op
from identity.audit import tables

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for statement in tables.CREATE:
        op.execute(statement)
