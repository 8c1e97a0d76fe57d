"""Every kind, and what follows from what the kinds say of themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from servicekit.tables import total

from linkedin_gateway.kinds.action_kind import ActionKind, Write
from linkedin_gateway.kinds.engagement import COMMENT, REACTION
from linkedin_gateway.kinds.inmail import INMAIL
from linkedin_gateway.kinds.invitation import INVITATION
from linkedin_gateway.kinds.message import MESSAGE
from linkedin_gateway.kinds.reads import LOOKUP, POST_LIST
from linkedin_gateway.kinds.visit import VISIT
from linkedin_gateway.kinds.withdrawal import WITHDRAWAL
from linkedin_gateway.models import Kind

KINDS: Final[Mapping[Kind, ActionKind]] = total(
    Kind,
    {
        Kind.VISIT: VISIT,
        Kind.REACTION: REACTION,
        Kind.COMMENT: COMMENT,
        Kind.INVITATION: INVITATION,
        Kind.MESSAGE: MESSAGE,
        Kind.INMAIL: INMAIL,
        Kind.WITHDRAWAL: WITHDRAWAL,
        Kind.LOOKUP: LOOKUP,
        Kind.POST_LIST: POST_LIST,
    },
)

_WRITES: Final = {kind: each for kind, each in KINDS.items() if isinstance(each, Write)}

WRITES: Final = frozenset(_WRITES)
"""Kinds that change something on LinkedIn: they wait in turn, with a gap between them."""

READS: Final = frozenset(KINDS) - WRITES
"""Kinds that change nothing on LinkedIn; no gap between them, and no turns."""

CONTACTS: Final = frozenset(kind for kind, each in _WRITES.items() if each.contacts)
"""Kinds by which the person hears of the account."""

MAKE_MESSAGES: Final = frozenset(kind for kind, each in _WRITES.items() if each.makes_message)
"""Kinds whose words come back as messages."""

PUBLIC: Final = tuple(kind for kind, each in KINDS.items() if each.public)
"""Kinds that callers know of."""

PRIORITY: Final = {kind: each.priority for kind, each in KINDS.items()}
"""Smaller goes first."""

REPLY_PRIORITY: Final = {
    **PRIORITY,
    **{kind: each.reply_priority for kind, each in _WRITES.items()},
}
"""The same, once the person has written."""


KIND_ASKED_BY: Final = {each.request_field: kind for kind, each in _WRITES.items()}
"""By the field of a `PerformActionRequest`."""


def _sibling(kind: Kind) -> Kind | None:
    budget = KINDS[kind].budget
    if budget is None:
        return None
    # The ledger counts one sibling: a budget of three would be kept by none of them.
    (other,) = (each for each in KINDS if each is not kind and KINDS[each].budget is budget)
    return other


def _cools_with(kind: Kind, other: Kind) -> bool:
    budget = KINDS[kind].budget
    return budget is not None and budget.cool_together and KINDS[other].budget is budget


_SIBLINGS: Final = {kind: _sibling(kind) for kind in KINDS}


COOL_TOGETHER: Final[Mapping[Kind, Sequence[Kind]]] = {
    kind: [other for other in KINDS if other is kind or _cools_with(kind, other)] for kind in KINDS
}
"""The kinds that rest when LinkedIn asks to slow down with one."""


def write(kind: Kind) -> Write:
    """What is decided about a write.

    Raises `ValueError` when the kind is a read, which is never asked for by a caller.
    """
    if kind not in _WRITES:
        raise ValueError(f"{kind} is not a write")
    return _WRITES[kind]


def sibling(kind: Kind) -> Kind | None:
    """The kind that draws on the same budget."""
    return _SIBLINGS[kind]
