"""People who must not be contacted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.clock import Clock

from linkedin_gateway.errors import SuppressionNotFound
from linkedin_gateway.landing import Landing
from linkedin_gateway.models import Suppression
from linkedin_gateway.suppression_repository import SuppressionRepository


class Suppressions:
    def __init__(self, repository: SuppressionRepository, landing: Landing, clock: Clock) -> None:
        self._repository = repository
        self._landing = landing
        self._clock = clock

    async def add(self, suppressions: Sequence[Suppression]) -> Sequence[Suppression]:
        """Forbid contact. When this returns nothing is on its way to these people."""
        added = await self._repository.add(suppressions)
        await self._landing.until(
            lambda: self._repository.on_the_wire(added, now=self._clock.now())
        )
        return added

    async def remove(self, suppression_id: str, *, organization_id: str) -> None:
        """Allow contact again; with an organization, only if it is that one's."""
        if not await self._repository.remove(suppression_id, organization_id=organization_id):
            raise SuppressionNotFound

    async def list(
        self, organization_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Suppression]:
        return await self._repository.list(organization_id, after=after, limit=limit)
