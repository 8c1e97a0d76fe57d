"""Numbers that are read from the database from time to time, not counted as they happen."""

from __future__ import annotations

from servicekit.clock import Clock

from linkedin_gateway.inbound.invitation_audit import Discrepancy
from linkedin_gateway.inbound.webhook_registration import WebhookRegistration
from linkedin_gateway.ledger.archive import Archive
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import AccountState
from linkedin_gateway.repositories import Repositories


class Gauges:
    def __init__(
        self,
        repositories: Repositories,
        ledger: Ledger,
        archive: Archive,
        webhook_registration: WebhookRegistration,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._repositories = repositories
        self._ledger = ledger
        self._archive = archive
        self._webhook_registration = webhook_registration
        self._metrics = metrics
        self._clock = clock

    async def read(self) -> None:
        """Read them all."""
        now = self._clock.now()
        for kind, queued in (await self._ledger.queued()).items():
            self._metrics.queued.labels(kind.value).set(queued)
        waiting, oldest = await self._repositories.outbox.waiting()
        self._metrics.outbox_waiting.set(waiting)
        self._metrics.outbox_lag_seconds.set((now - oldest).total_seconds() if oldest else 0)
        states = await self._repositories.accounts.states()
        for state in AccountState:
            self._metrics.accounts.labels(state.value).set(states.get(state.value, 0))
        self._metrics.holds.set(await self._repositories.holds.count())
        found = await self._repositories.invitation_audits.totals()
        for discrepancy in Discrepancy:
            invitations = found.get(discrepancy.value, 0)
            self._metrics.invitation_discrepancies.labels(discrepancy.value).set(invitations)
        self._metrics.archive_lag_seconds.set((await self._archive.lag()).total_seconds())
        self._metrics.webhooks_registered.set(self._webhook_registration.registered)
        self._metrics.inbound_parked.set(await self._repositories.inbound.parked())
