"""Alembic revisions of the `gateway` schema; plain SQL, only upwards."""

from servicekit.postgres.row_security import Role

_READ = ("SELECT",)
DECISIONS = Role(
    suffix="decisions",
    spans=True,
    privileges={
        "accounts": _READ,
        "actions": ("SELECT", "INSERT", "UPDATE"),
        "archived_actions": _READ,
        "automatic_replies": _READ,
        "cool_downs": _READ,
        "enrolments": ("SELECT", "INSERT"),
        "every_action": _READ,
        "holds": _READ,
        "owner_messages": _READ,
        "people": _READ,
        "person_aliases": _READ,
        "person_responses": _READ,
        "profiles": _READ,
        "replies": _READ,
        "suppressed_ids": _READ,
        "suppressions": _READ,
    },
)
"""Decides about whoever asks at once, of whatever organization; writes what it has decided."""
ROLES = (DECISIONS,)

_ADDED_TO = ("SELECT", "INSERT")
NOBODYS = {"audit_checkpoints": "a checkpoint signs the chain of all organizations"}
PRIVILEGES = {
    "audit_records": _ADDED_TO,
    "audit_seals": _ADDED_TO,
    "audit_checkpoints": _ADDED_TO,
}
"""The audit is only added to."""
