"""Stops: by campaign, account, organization, kind of action, or everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.controls.hold_repository import HoldRepository
from linkedin_gateway.ledger.in_flight import InFlightTracker
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.models import Hold, HoldChange, HoldScope

log = get_logger(__name__)


class Holds:
    def __init__(
        self,
        repository: HoldRepository,
        ledger: Ledger,
        tracker: InFlightTracker,
        clock: Clock,
        *,
        on_published: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._ledger = ledger
        self._tracker = tracker
        self._clock = clock
        self._on_published = on_published

    async def put(self, scope: HoldScope, subject_id: str, *, reason: str, caller: str) -> Hold:
        """Stop a scope. When this returns nothing of it is in flight, nor will be."""
        hold = await self._repository.put(
            scope, subject_id, reason=reason, caller=caller, now=self._clock.now()
        )
        await self._tracker.until_none(lambda: self._ledger.count_in_flight(scope, subject_id))
        log.info("hold_put", scope=scope.value, subject_id=subject_id, why=reason, caller=caller)
        return hold

    async def lift(self, scope: HoldScope, subject_id: str, *, caller: str) -> None:
        """Let a scope go on; those who waited are woken."""
        if await self._repository.lift(scope, subject_id, caller=caller, now=self._clock.now()):
            log.info("hold_lifted", scope=scope.value, subject_id=subject_id, caller=caller)
            self._on_published()

    async def changes(
        self, organization_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[HoldChange]:
        """Who put and lifted what of an organization, or at all, newest first."""
        return await self._repository.changes(organization_id, after=after, limit=limit)

    async def list(
        self, organization_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Hold]:
        """The holds of an organization, or all, oldest first."""
        return await self._repository.list(organization_id, after=after, limit=limit)
