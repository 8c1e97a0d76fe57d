"""What each role may do: the permissions of the contract, by role. Pure.

docs/security.md has the same table for people; a test compares the two, and both with the
contract. What is for our services only is nobody's.
"""

from collections.abc import Mapping
from enum import StrEnum

from servicekit.tables import total


class Role(StrEnum):
    """What a member is to their organization."""

    VIEWER = "viewer"
    """Sees everything but no secret, and changes nothing."""
    MEMBER = "member"
    """Draws campaigns and adds leads."""
    MANAGER = "manager"
    """Starts, pauses and stops what members have drawn."""
    ADMIN = "admin"
    """Connects accounts, and says who may do what."""
    OPERATOR = "operator"
    """Our own staff: every organization."""


_VIEWER = frozenset(
    {
        "accounts.read",
        "campaigns.read",
        "holds.read",
        "keys.read",
        "leads.read",
        "linkedin.read",
        "members.read",
        "organizations.read",
        "programs.read",
        "suppressions.read",
        "tokens.read",
        "webhooks.read",
        "workflows.read",
    }
)
_MEMBER = _VIEWER | {"campaigns.write", "keys.write", "leads.write", "programs.write"}
_MANAGER = _MEMBER | {
    "campaigns.control",
    "holds.write",
    "linkedin.act",
    "programs.control",
    "suppressions.write",
    "webhooks.write",
}
_ADMIN = _MANAGER | {
    "accounts.register",
    "accounts.write",
    "audit.read",
    "events.publish",
    "members.write",
    "workflows.control",
}
_OPERATOR = _ADMIN | {
    "installation.read",
    "issuer_keys.rotate",
    "linkedin.clock",
    "linkedin.replay",
    "organizations.write",
    "temporal.read",
}

PERMISSIONS_BY_ROLE: Mapping[Role, frozenset[str]] = total(
    Role,
    {
        Role.VIEWER: _VIEWER,
        Role.MEMBER: _MEMBER,
        Role.MANAGER: _MANAGER,
        Role.ADMIN: _ADMIN,
        Role.OPERATOR: _OPERATOR,
    },
)

PERMISSIONS = _OPERATOR
"""Every permission that somebody may have."""
ALWAYS = frozenset({"tokens.read"})
"""What every token carries, whatever its key is limited to: to ask who one is."""
