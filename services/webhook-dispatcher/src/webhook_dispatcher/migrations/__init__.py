"""Alembic revisions of the `webhook` schema; plain SQL, only upwards."""

_ADDED_TO = ("SELECT", "INSERT")
NOBODYS = {"audit_checkpoints": "a checkpoint signs the chain of all organizations"}
PRIVILEGES = {
    "audit_records": _ADDED_TO,
    "audit_seals": _ADDED_TO,
    "audit_checkpoints": _ADDED_TO,
}
"""The audit is only added to."""
