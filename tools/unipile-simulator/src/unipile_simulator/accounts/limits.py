"""Where LinkedIn stops an account, over rolling windows."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from http import HTTPStatus

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.clock import DAY, WEEK
from unipile_simulator.config import Config
from unipile_simulator.errors import Refusal
from unipile_simulator.journal import Journal

MONTH = 30 * DAY
LANDINGS = (95, 90, 75, 50)


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
        self._spent: dict[tuple[str, str], deque[float]] = {}
        for entry in journal.entries:
            done = entry.changed or entry.status == HTTPStatus.OK
            if entry.budget and entry.account_id and done:
                for budget in entry.budget.split("+"):
                    self.spend(entry.account_id, budget, entry.answered_at)

    def check(self, account: Account, budget: str, now: float) -> None:
        """Refuse what would be one too many."""
        for ceiling in self._ceilings(account, budget):
            if ceiling.count is not None and self._count(account.id, budget, now, ceiling) >= (
                ceiling.count
            ):
                raise Refusal(ceiling.error)

    def spend(self, account_id: str, budget: str, at: float) -> None:
        """Count one."""
        self._spent.setdefault((account_id, budget), deque()).append(at)

    def usage(self, account: Account, now: float) -> int | None:
        """The landing of the weekly invitation quota that the last invitation reached, if any."""
        ceiling = self._ceilings(account, "invitations")[1]
        if not ceiling.count:
            return None
        count = self._count(account.id, "invitations", now, ceiling)
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
            for budget in (
                "invitations",
                "noted_invitations",
                "profiles",
                "messages",
                "inmails",
                "comments",
                "reactions",
                "posts",
            )
            for ceiling in self._ceilings(account, budget)
        }

    def _count(self, account_id: str, budget: str, now: float, ceiling: Ceiling) -> int:
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

    def _ceilings(self, account: Account, budget: str) -> tuple[Ceiling, ...]:
        limits, free = self._limits, account.tier == "free"
        match budget:
            case "invitations":
                error = self._knobs.invitation_ceiling_error
                week = limits.invitations_week_free if free else limits.invitations_week
                return (
                    Ceiling(limits.invitations_day, DAY, error),
                    Ceiling(week, WEEK, error),
                )
            case "noted_invitations":
                count = limits.noted_invitations_month_free if free else None
                return (Ceiling(count, MONTH, self._knobs.free_note_quota_error),)
            case "profiles":
                wide = account.tier in {"sales_navigator", "recruiter"}
                count = limits.profiles_day_sales_navigator if wide else limits.profiles_day
                return (Ceiling(count, DAY, "too_many_requests"),)
            case _:
                count = getattr(limits, f"{budget}_day")
                return (Ceiling(count, DAY, "too_many_requests"),)
