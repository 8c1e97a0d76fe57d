"""When LinkedIn asks an account to slow down: that kind waits, longer each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.cool_down_repository import CoolDownRepository
from linkedin_gateway.kinds.registry import COOL_TOGETHER, KINDS
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account, Kind
from linkedin_gateway.pace.slots import fraction

LONGEST = timedelta(hours=72)
USAGE_WARNING = 90
"""Percent of the provider's quota from which on an account rests."""
THROTTLED = "throttled_sections"
"""The cause, when a profile came without parts of it."""
_QUOTA_BASE = timedelta(hours=24)

log = get_logger(__name__)


class CoolDowns:
    def __init__(
        self,
        repository: CoolDownRepository,
        metrics: Metrics,
        clock: Clock,
        *,
        on_published: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._metrics = metrics
        self._clock = clock
        self._on_published = on_published

    async def refused(
        self, account: Account, kind: Kind, *, cause: str, retry_after: timedelta | None = None
    ) -> datetime:
        """LinkedIn refused an action as too much; returns until when the kind rests."""
        base = KINDS[kind].cool_down
        untils = [
            await self._open(account, each, cause=cause, base=base, retry_after=retry_after)
            for each in COOL_TOGETHER[kind]
        ]
        return max(untils)

    async def quota_nearly_used(self, account: Account, kind: Kind, *, usage: int) -> None:
        """LinkedIn said how much of its own quota is used, and it is nearly all."""
        await self._open(account, kind, cause=f"usage {usage} %", base=_QUOTA_BASE)

    async def end(self, account: Account, kind: Kind, *, caller: str) -> None:
        """End one before its time; those who waited are woken."""
        if await self._repository.end(account, kind, now=self._clock.now()):
            log.warning(
                "cool_down_ended",
                account_id=account.account_id,
                kind=kind.value,
                caller=caller,
            )
            self._on_published()

    async def publish_over(self) -> None:
        """Publish those that are over, and measure those in force."""
        now = self._clock.now()
        if await self._repository.publish_over(now=now):
            self._on_published()
        for kind, count in (await self._repository.in_force(now=now)).items():
            self._metrics.cool_downs_open.labels(kind.value).set(count)

    async def _open(
        self,
        account: Account,
        kind: Kind,
        *,
        cause: str,
        base: timedelta,
        retry_after: timedelta | None = None,
    ) -> datetime:
        now = self._clock.now()
        until, level, changed = await self._repository.open(
            account,
            kind,
            cause=cause,
            base=max(base, retry_after or base),
            longest=max(LONGEST, retry_after or LONGEST),
            stretch=1 + 0.2 * fraction(account.account_id, kind.value, now.isoformat()),
            at_least_until=now + (retry_after or timedelta(0)),
            now=now,
        )
        if changed:
            self._on_published()
            self._metrics.cool_downs.labels(kind.value).inc()
            log.warning(
                "cool_down_opened",
                account_id=account.account_id,
                kind=kind.value,
                cause=cause,
                level=level,
                until=until.isoformat(),
            )
        return until
