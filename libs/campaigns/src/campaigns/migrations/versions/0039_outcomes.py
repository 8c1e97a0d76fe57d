"""What came of invitations, and of texts that have variants, is found by when they were sent."""

from servicekit.postgres.alembic_env.indexes import build_index

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

INDEXES = {
    "step_executions_invited": (
        "step_executions (campaign_id, ended_at)"
        " WHERE kind = 'send_connection_request' AND state = 'done'"
    ),
    "step_executions_of_variants": (
        "step_executions (campaign_id, ended_at) WHERE variant <> '' AND state = 'done'"
    ),
}


def upgrade() -> None:
    for name, on in INDEXES.items():
        build_index(name, on)
