"""Checks what a ledger let go: no window over its cap, no write too close to another.

It reads what the rows tell, counts by itself, and trusts nothing that decided.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from linkedin_gateway.kinds.caps import binding_caps
from linkedin_gateway.kinds.registry import READS, sibling
from linkedin_gateway.models import Cap, Kind
from linkedin_gateway.pace.slots import GapRange


@dataclass(frozen=True, kw_only=True)
class Performed:
    """An action that went, as its row tells."""

    action_id: str
    kind: Kind
    sent_at: datetime
    finished_at: datetime | None


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
