"""Numbers that are read from the database from time to time, not counted as they happen."""

from __future__ import annotations

from servicekit.clock import Clock

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.controls.hold_repository import HoldRepository
from linkedin_gateway.inbound.reconciliation import DriftKind
from linkedin_gateway.inbound.reconciliation_repository import DriftRepository
from linkedin_gateway.inbound.webhook_registration import WebhookRegistration
from linkedin_gateway.ledger.archive import Archive
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import AccountState
from linkedin_gateway.outbox.outbox_repository import OutboxRepository


class Gauges:
    def __init__(
        self,
        ledger: Ledger,
        outbox: OutboxRepository,
        accounts: AccountRepository,
        holds: HoldRepository,
        drift: DriftRepository,
        archive: Archive,
        registration: WebhookRegistration,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._outbox = outbox
        self._accounts = accounts
        self._holds = holds
        self._drift = drift
        self._archive = archive
        self._registration = registration
        self._metrics = metrics
        self._clock = clock

    async def read(self) -> None:
        """Read them all."""
        now = self._clock.now()
        for kind, queued in (await self._ledger.queued()).items():
            self._metrics.queued.labels(kind.value).set(queued)
        waiting, oldest = await self._outbox.waiting()
        self._metrics.outbox_waiting.set(waiting)
        self._metrics.outbox_lag_seconds.set((now - oldest).total_seconds() if oldest else 0)
        states = await self._accounts.states()
        for state in AccountState:
            self._metrics.accounts.labels(state.value).set(states.get(state.value, 0))
        self._metrics.holds.set(await self._holds.count())
        apart = await self._drift.totals()
        for drift in DriftKind:
            self._metrics.drift.labels(drift.value).set(apart.get(drift.value, 0))
        self._metrics.archive_lag_seconds.set((await self._archive.lag()).total_seconds())
        self._metrics.webhooks_registered.set(self._registration.registered)
