"""Alembic revisions of the `gateway` schema; plain SQL, only upwards."""

from identity.audit import tables
from servicekit.lists import page_token_key
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
NOBODYS = {
    **tables.NOBODYS,
    "database_clock": "one clock decides for all organizations",
    "id_filling": "ids of all organizations are sealed at once",
    "id_filling_positions": "ids of all organizations are sealed at once",
    page_token_key.TABLE: page_token_key.WHY_NOBODYS,
}
PRIVILEGES = {**tables.PRIVILEGES, page_token_key.TABLE: _READ}
"""The audit is only added to, the key of page tokens only read."""
