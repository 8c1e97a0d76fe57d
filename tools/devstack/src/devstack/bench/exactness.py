"""Checks what went: no window over its cap, no write too close to another.

It counts by itself, and trusts nothing that decided. By whose clock, its input says: the rows of a
ledger tell the ledger's own times, which prove that it keeps its laws, not that its clock is right;
the provider's journal tells when the world became another one.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from linkedin_gateway.kinds.caps import binding_caps
from linkedin_gateway.kinds.registry import READS, sibling
from linkedin_gateway.models import Cap, Kind
from linkedin_gateway.pace.snapshot import GapRange


@dataclass(frozen=True, kw_only=True)
class Performed:
    """An action that went, as its row tells, or the provider's journal."""

    action_id: str
    kind: Kind
    sent_at: datetime
    finished_at: datetime | None


_KINDS = {
    "visit": Kind.VISIT,
    "invite": Kind.INVITATION,
    "message": Kind.MESSAGE,
    "inmail": Kind.INMAIL,
    "comment": Kind.COMMENT,
    "reaction": Kind.REACTION,
    "withdraw": Kind.WITHDRAWAL,
}
"""What the provider's journal calls them."""


def performed_by_journal(
    entries: Iterable[Mapping[str, Any]], *, dated: Literal["applied_at", "received_at"]
) -> list[Performed]:
    """What became of the world by calls, dated by the provider's clock.

    Raises `KeyError` for a kind of call that is not known here.
    """
    return [
        Performed(
            action_id=f"call {entry['seq']}",
            kind=_KINDS[entry["kind"]],
            sent_at=datetime.fromisoformat(entry[dated]),
            finished_at=datetime.fromisoformat(entry[dated]),
        )
        for entry in entries
        if entry["changed"] and entry["kind"] and entry["direction"] in {"in", "late"}
    ]


def broken_limits(
    actions_by_account: Mapping[str, Sequence[Performed]],
    *,
    caps: Callable[[str], Sequence[Cap]],
    gap: GapRange,
) -> list[str]:
    """Everything that broke a law, of every account."""
    return [
        broken
        for account_id, actions in actions_by_account.items()
        for broken in (
            *over_limit(actions, caps=caps(account_id)),
            *too_close(account_id, actions, gap=gap),
        )
    ]


def over_limit(actions: Sequence[Performed], *, caps: Sequence[Cap]) -> list[str]:
    """Actions at whose moment a window held more than its cap; none in a correct ledger."""
    return [
        f"{action.action_id}: {cap.name}"
        for kind in Kind
        for cap in binding_caps(kind, tier="premium", noted=False, customer=caps)
        for action in _over(actions, kind, cap)
    ]


def _over(actions: Sequence[Performed], kind: Kind, cap: Cap) -> Iterator[Performed]:
    """Count what began by the moment of an action and ended within the window before it."""
    kinds = {kind, sibling(kind)} if cap.shared else {kind}
    counted = [action for action in actions if action.kind in kinds]
    ended: list[datetime] = []
    open_ends = 0
    for action in sorted(counted, key=lambda action: action.sent_at):
        if action.finished_at is None:
            open_ends += 1
        else:
            insort(ended, max(action.sent_at, action.finished_at))
        used = len(ended) - bisect_right(ended, action.sent_at - cap.per) + open_ends
        if used > cap.actions:
            yield action


def too_close(account_id: str, actions: Sequence[Performed], *, gap: GapRange) -> list[str]:
    """Writes that began before the one before them had ended and its pause was over."""
    writes = [action for action in actions if action.kind not in READS and action.finished_at]
    writes.sort(key=lambda action: action.sent_at)
    return [
        later.action_id
        for first, later in pairwise(writes)
        if first.finished_at is not None
        and later.sent_at < first.finished_at + gap.after(account_id, first.action_id)
    ]
