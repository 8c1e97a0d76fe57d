"""Whom senders have before them already: released and not begun, whichever campaign it was. Pure.

Nobody in particular is named for a lead that was released by hand: the rotation gives it to one
of its campaign's senders, so each of them has a share of those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Leads of one campaign that wait, for an account or, without one, for any of it."""

    account_ids: Sequence[str]
    """The campaign's."""
    account_id: str
    leads: int


def waiting_by_account(found: Iterable[Waiting]) -> Counter[str]:
    """How many each account has before it; together as many as wait."""
    waiting: Counter[str] = Counter()
    for each in found:
        # An account that sends no more for its campaign is as none.
        if each.account_id in each.account_ids or not each.account_ids:
            waiting[each.account_id] += each.leads
            continue
        share, left = divmod(each.leads, len(each.account_ids))
        for place, account_id in enumerate(sorted(each.account_ids)):
            waiting[account_id] += share + (place < left)
    return waiting


def plan_left(plan: int, *, waiting: int, begun: int) -> int:
    """How many more people a day may begin: who waits may begin on it, who has begun did."""
    return max(0, plan - waiting - begun)
