"""What people and owners wrote, by the event that told of it: workflows carry its id alone."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE heard_messages (
        organization_id text NOT NULL,
        lead_id         text NOT NULL,
        event_id        text NOT NULL,
        text            text NOT NULL,
        chat_id         text NOT NULL,
        message_id      text NOT NULL,
        PRIMARY KEY (organization_id, lead_id, event_id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
