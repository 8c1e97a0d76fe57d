"""What is told of a row is compared by a function, not by the condition of a trigger."""

from servicekit.postgres.alembic_env.following import note_changes

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# What callers are told of an account; not what is only counted or planned of it.
_TOLD = [
    "name",
    "tier",
    "unipile_account_id",
    "state",
    "state_reason",
    "state_at",
    "working_hours",
    "caps",
]
_TOLD_OF_ACTIONS = [
    "organization_id",
    "account_id",
    "campaign_id",
    "lead_id",
    "identifier",
    "kind",
    "state",
    "reason",
    "created_at",
    "turn_at",
    "sent_at",
    "finished_at",
    "outcome",
    "caller",
    "caps",
]


def upgrade() -> None:
    note_changes("accounts", seen=_TOLD)
    note_changes("actions", seen=_TOLD_OF_ACTIONS)
    note_changes("archived_actions", seen=_TOLD_OF_ACTIONS)
