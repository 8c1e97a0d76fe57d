"""The health of accounts: assessed from time to time, read by every decision."""

from __future__ import annotations

from datetime import timedelta

from servicekit.clock import Clock

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.health_repository import HealthRepository
from linkedin_gateway.models import Account
from linkedin_gateway.pace.health_score import Health, assess

_EVERY = timedelta(hours=6)
_AT_ONCE = 100


class HealthMonitor:
    def __init__(
        self, repository: HealthRepository, accounts: AccountRepository, clock: Clock
    ) -> None:
        self._repository = repository
        self._accounts = accounts
        self._clock = clock

    async def of(self, account: Account) -> Health:
        """How an account fares now; kept, so that its caps follow."""
        now = self._clock.now()
        health = assess(await self._repository.past(account, now=now))
        await self._repository.keep(
            account.account_id,
            multiplier=health.multiplier,
            resumed_at=await self._repository.resumed_at(account.account_id, now=now),
        )
        return health

    async def assess_due(self) -> None:
        """Assess the accounts whose time has come."""
        now = self._clock.now()
        due = await self._repository.take_due(now=now, next_at=now + _EVERY, limit=_AT_ONCE)
        for account_id in due:
            await self.of(await self._accounts.read(account_id))
