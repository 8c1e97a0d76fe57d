"""In which transaction what is listed was last written, and what was removed from it."""

from alembic import op
from servicekit.postgres.alembic_env.following import note_changes, note_removals
from servicekit.postgres.alembic_env.indexes import (
    build_index,
    build_index_of_parts,
)
from servicekit.postgres.alembic_env.transactions import let_go

revision = "0042"
down_revision = "0041"
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
INDEXES = {
    "accounts_by_change": 'accounts (organization_id, changed_in, account_id COLLATE "C")',
    "suppressions_by_change": (
        'suppressions (organization_id, changed_in, suppression_id COLLATE "C")'
    ),
    "holds_by_change": (
        'holds (organization_id, changed_in, scope COLLATE "C", subject_id COLLATE "C")'
    ),
    "everybodys_holds_by_change": (
        'holds (changed_in, organization_id COLLATE "C", scope COLLATE "C", subject_id COLLATE "C")'
    ),
}
# Of many rows; who begins to follow finds by it alone when each was written. It has all of them,
# and serves only who asks for changes: whoever looks for an action by its whole key would
# otherwise read all that its organization has.
_ACTIONS_BY_CHANGE = 'organization_id, changed_in, action_id COLLATE "C", changed_at'
_OF_FOLLOWERS = "changed_in > 0"
EVERY_ACTION = """
CREATE OR REPLACE VIEW every_action WITH (security_invoker = true) AS
    SELECT * FROM actions UNION ALL SELECT * FROM archived_actions
"""


def upgrade() -> None:
    note_changes("accounts", seen=_TOLD)
    note_changes("actions", seen=_TOLD_OF_ACTIONS)
    note_changes("archived_actions", seen=_TOLD_OF_ACTIONS)
    op.execute(EVERY_ACTION)
    let_go()
    note_changes("suppressions")
    note_changes("holds")
    note_removals("suppressions", key=["suppression_id"])
    note_removals("holds", key=["organization_id", "scope", "subject_id"])
    for name, on in INDEXES.items():
        build_index(name, on)
    build_index("actions_by_change", f"actions ({_ACTIONS_BY_CHANGE}) WHERE {_OF_FOLLOWERS}")
    build_index_of_parts("archived_actions", "by_change", _ACTIONS_BY_CHANGE, where=_OF_FOLLOWERS)
