"""How much of their caps all accounts have used: what a fleet can still do, and who cannot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final

from servicekit.clock import Clock

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.capacity import AccountCapacity
from linkedin_gateway.errors import AccountNotFound
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import DAY, HOUR, MONTH, WEEK, Account

WINDOWS: Final[Mapping[timedelta, str]] = {HOUR: "hour", DAY: "day", WEEK: "week", MONTH: "month"}
"""What a window is called in a label."""
_PAGE = 100


class CapUtilisation:
    """Counts as decisions do, by the same windows, for every account that may act."""

    def __init__(
        self,
        accounts: AccountRepository,
        capacity: AccountCapacity,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._capacity = capacity
        self._metrics = metrics
        self._clock = clock

    async def measure(self) -> None:
        """Look at each account that is connected, one after the other."""
        used: defaultdict[tuple[str, ...], list[float]] = defaultdict(list)
        free: defaultdict[tuple[str, ...], int] = defaultdict(int)
        async for account in self._connected():
            for labels, taken, most in await self._windows(account):
                used[labels].append(taken / most if most else 1.0)
                free[labels] += max(0, most - taken)
        full = {labels: sum(share >= 1 for share in shares) for labels, shares in used.items()}
        self._metrics.tell_caps(used=used, free=free, full=full)

    async def _connected(self) -> AsyncIterator[Account]:
        after = ""
        while page := await self._accounts.connected(after=after, limit=_PAGE):
            for account in page:
                yield account
            after = page[-1].account_id

    async def _windows(self, account: Account) -> list[tuple[tuple[str, ...], int, int]]:
        """Kind and window, what is used, and the cap; those of notes are not the kind's."""
        now = self._clock.now()
        try:
            usage = await self._capacity.usage(account, now=now)
        except AccountNotFound:
            # Removed since the page was read.
            return []
        return [
            ((kind.value, WINDOWS[window.cap.per]), window.used(now), window.cap.actions)
            for kind, window in usage
            if not window.cap.noted
        ]
