"""What each of Unipile's words for an account means. Pure."""

from __future__ import annotations

from linkedin_gateway.models import AccountState

STATE_BY_STATUS = {
    "OK": AccountState.CONNECTED,
    "CREATION_SUCCESS": AccountState.CONNECTED,
    "RECONNECTED": AccountState.CONNECTED,
    "SYNC_SUCCESS": AccountState.CONNECTED,
    "CONNECTING": AccountState.CONNECTING,
    "CREDENTIALS": AccountState.DISCONNECTED,
    "PERMISSIONS": AccountState.DISCONNECTED,
    "CREATION_FAIL": AccountState.DISCONNECTED,
    # Frozen: it is started anew before people are bothered.
    "ERROR": AccountState.CONNECTING,
    "STOPPED": AccountState.CONNECTING,
    "DELETED": AccountState.REMOVED,
}
FROZEN = frozenset({"ERROR", "STOPPED"})
"""Words of an account that Unipile has stopped."""
SIGNED_IN = frozenset({"CREATION_SUCCESS", "RECONNECTED"})
"""Words by which an owner has just signed in."""
OTHER_MEMBER = "OTHER_MEMBER"
"""Our own word: somebody else at LinkedIn than the account's owner has signed in."""
OWNER_UNKNOWN = "OWNER_UNKNOWN"
"""Our own word: Unipile does not tell yet whose account it is, and nothing goes before."""
SAME_MEMBER = "SAME_MEMBER"
"""Our own word: the organization has another account of the same member of LinkedIn."""
MEMBER_NOT_ACCEPTED = "MEMBER_NOT_ACCEPTED"
"""Our own word: this member of LinkedIn cannot be connected to the organization."""


def standing(status: str, *, owner_known: bool) -> tuple[AccountState, str]:
    """The state of an account and why: nobody's budget is used before it is known whose it is."""
    state = STATE_BY_STATUS[status]
    if state is AccountState.CONNECTED and not owner_known:
        return AccountState.CONNECTING, OWNER_UNKNOWN
    return state, reason_of(state, status)


def reason_of(state: AccountState, status: str) -> str:
    """What people read of a state: nothing when all is well."""
    return "" if state is AccountState.CONNECTED else status
