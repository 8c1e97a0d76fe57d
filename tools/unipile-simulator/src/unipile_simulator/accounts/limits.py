"""Where LinkedIn stops an account, over rolling windows."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import assert_never

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.clock import DAY, WEEK
from unipile_simulator.config import Config
from unipile_simulator.errors import Refusal
from unipile_simulator.journal import CallKind, Journal

MONTH = 30 * DAY
LANDINGS = (95, 90, 75, 50)


class Budget(StrEnum):
    """What LinkedIn counts."""

    INVITATIONS = "invitations"
    NOTED_INVITATIONS = "noted_invitations"
    PROFILES = "profiles"
    MESSAGES = "messages"
    INMAILS = "inmails"
    COMMENTS = "comments"
    REACTIONS = "reactions"
    POSTS = "posts"


def budget_of(kind: CallKind) -> Budget | None:  # noqa: PLR0911 - one for each kind
    """What a call of this kind is counted against when it is carried out; `None` is unlimited."""
    match kind:
        case CallKind.VISIT:
            return Budget.PROFILES
        case CallKind.INVITE:
            return Budget.INVITATIONS
        case CallKind.MESSAGE:
            return Budget.MESSAGES
        case CallKind.INMAIL:
            return Budget.INMAILS
        case CallKind.COMMENT:
            return Budget.COMMENTS
        case CallKind.REACTION:
            return Budget.REACTIONS
        case CallKind.WITHDRAW | CallKind.WEBHOOK:
            return None
        case _:
            assert_never(kind)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At most `count` in any stretch of `window`, else `error`."""

    count: int | None
    window: float
    error: str


class Budgets:
    """What each account has spent, and what it may."""

    def __init__(self, config: Config, journal: Journal) -> None:
        self._limits = config.limits
        self._knobs = config.knobs
        self._spent: dict[tuple[str, Budget], deque[float]] = {}
        for entry in journal.entries:
            done = entry.changed or entry.status == HTTPStatus.OK
            if entry.budget and entry.account_id and done:
                for budget in entry.budget.split("+"):
                    self.spend(entry.account_id, Budget(budget), entry.answered_at)

    def check(self, account: Account, budget: Budget, now: float) -> None:
        """Raise the ceiling's `Refusal` for what would be one too many."""
        for ceiling in self._ceilings(account, budget):
            if ceiling.count is not None and self._count(account.id, budget, now, ceiling) >= (
                ceiling.count
            ):
                raise Refusal(ceiling.error)

    def spend(self, account_id: str, budget: Budget, at: float) -> None:
        """Count one."""
        self._spent.setdefault((account_id, budget), deque()).append(at)

    def usage(self, account: Account, now: float) -> int | None:
        """The landing of the weekly invitation quota that the last invitation reached, if any."""
        ceiling = self._ceilings(account, Budget.INVITATIONS)[1]
        if not ceiling.count:
            return None
        count = self._count(account.id, Budget.INVITATIONS, now, ceiling)
        for landing in LANDINGS:
            mark = ceiling.count * landing / 100
            if count - 1 < mark <= count:
                return landing
        return None

    def state(self, account: Account, now: float) -> dict[str, dict[str, float | int | None]]:
        """How much of each window is used."""
        return {
            f"{budget}/{int(ceiling.window // DAY)}d": {
                "used": self._count(account.id, budget, now, ceiling),
                "of": ceiling.count,
            }
            for budget in Budget
            for ceiling in self._ceilings(account, budget)
        }

    def _count(self, account_id: str, budget: Budget, now: float, ceiling: Ceiling) -> int:
        spent = self._spent.get((account_id, budget))
        if not spent:
            return 0
        while spent and spent[0] <= now - MONTH:
            spent.popleft()
        since = now - ceiling.window
        count = 0
        for at in reversed(spent):
            if at <= since:
                break
            count += 1
        return count

    def _ceilings(  # noqa: PLR0911 - one for each budget
        self, account: Account, budget: Budget
    ) -> tuple[Ceiling, ...]:
        limits, free = self._limits, account.tier == "free"
        match budget:
            case Budget.INVITATIONS:
                error = self._knobs.invitation_ceiling_error
                week = limits.invitations_week_free if free else limits.invitations_week
                return (
                    Ceiling(limits.invitations_day, DAY, error),
                    Ceiling(week, WEEK, error),
                )
            case Budget.NOTED_INVITATIONS:
                count = limits.noted_invitations_month_free if free else None
                return (Ceiling(count, MONTH, self._knobs.free_note_quota_error),)
            case Budget.PROFILES:
                wide = account.tier in {"sales_navigator", "recruiter"}
                count = limits.profiles_day_sales_navigator if wide else limits.profiles_day
                return _daily(count)
            case Budget.MESSAGES:
                return _daily(limits.messages_day)
            case Budget.INMAILS:
                return _daily(limits.inmails_day)
            case Budget.COMMENTS:
                return _daily(limits.comments_day)
            case Budget.REACTIONS:
                return _daily(limits.reactions_day)
            case Budget.POSTS:
                return _daily(limits.posts_day)
            case _:
                assert_never(budget)


def _daily(count: int | None) -> tuple[Ceiling, ...]:
    return (Ceiling(count, DAY, "too_many_requests"),)
