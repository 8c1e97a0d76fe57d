"""Releases people whose lead has ended where nobody said so: its owner is asked once a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.controls.enrolment_repository import EnrolmentRepository
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.outbox.linkedin_events import Lead, LeadOwner

_EVERY = timedelta(days=1)
_AFTER_A_FAILURE = timedelta(minutes=10)
_AT_ONCE = 500

log = get_logger(__name__)


class EnrolmentCheck:
    """The call at a lead's end may be lost; a person must not be kept from others for that."""

    def __init__(
        self,
        repository: EnrolmentRepository,
        owner: LeadOwner,
        metrics: Metrics,
        clock: Clock,
        *,
        on_published: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._owner = owner
        self._metrics = metrics
        self._clock = clock
        self._on_published = on_published

    async def is_running(self, organization_id: str, lead: Lead) -> bool:
        """Whether the lead is the organization's and has not ended, by its owner's word.

        Raises a `ServiceError` when that cannot be told.
        """
        return lead in await self._owner.running(organization_id, [lead])

    async def check_due(self) -> None:
        """Check a page of those whose time has come; who cannot be asked about stays enrolled."""
        now = self._clock.now()
        due = await self._repository.take_due(
            before=now - _EVERY, due_again_at=now - _EVERY + _AFTER_A_FAILURE, limit=_AT_ONCE
        )
        for organization_id, leads in due.items():
            try:
                running = set(await self._owner.running(organization_id, leads))
            except ServiceError as error:
                log.warning("enrolments_not_checked", reason=error.reason, leads=len(leads))
                self._metrics.enrolments_checked.labels("failed").inc(len(leads))
                continue
            await self._repository.checked(organization_id, running, now=now)
            self._metrics.enrolments_checked.labels("running").inc(len(running))
            for lead in leads:
                if lead not in running:
                    await self._release(organization_id, lead)

    async def _release(self, organization_id: str, lead: Lead) -> None:
        woken = await self._repository.end(
            organization_id, lead.campaign_id, lead.lead_id, now=self._clock.now()
        )
        self._metrics.enrolments_checked.labels("released").inc()
        log.warning("enrolment_released", campaign_id=lead.campaign_id, lead_id=lead.lead_id)
        if woken:
            self._on_published()
