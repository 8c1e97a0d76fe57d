"""Starts accounts anew that Unipile has stopped, before people are bothered."""

from __future__ import annotations

from datetime import timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import AccountState
from linkedin_gateway.unipile import UnipileError

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=5),
)
"""After each attempt, real time; after the last one people are notified."""

log = get_logger(__name__)


class Restarts:
    def __init__(
        self,
        repository: AccountRepository,
        lifecycle: AccountLifecycle,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._lifecycle = lifecycle
        self._metrics = metrics
        self._clock = clock

    async def restart_due(self) -> None:
        """Make the attempts that are due, and give up where all were in vain."""
        pauses = [self._clock.virtual(pause) for pause in PAUSES]
        for account, attempt in await self._repository.take_restarts(
            now=self._clock.now(), pauses=pauses
        ):
            if attempt > len(PAUSES):
                self._metrics.restarts.labels("in_vain").inc()
                reason = account.state_reason
                await self._lifecycle.move(account, AccountState.DISCONNECTED, reason=reason)
                continue
            try:
                await self._lifecycle.restart(account)
            except UnipileError as error:
                log.warning("restart_failed", account_id=account.account_id, error=str(error))
