"""Who failed with their campaign's end is told of, page by page."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from outreach_worker.campaigns.held_leads import HeldLeads
from outreach_worker.events.contracts import CustomerEvent
from servicekit.errors import Unavailable

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class World:
    """The rows, and an outbox that may be away."""

    away: bool = False
    rows: list[str] = field(default_factory=lambda: [f"lead_{n:03}" for n in range(250)])
    published: list[str] = field(default_factory=list)

    @property
    def leads(self) -> HeldLeads:
        world: Any = self
        return HeldLeads(world, world)

    async def failed(self, _campaign_id: str, *, limit: int) -> list[str]:
        return self.rows[:limit]

    async def mark_published(self, lead_ids: list[str]) -> None:
        self.rows = [each for each in self.rows if each not in lead_ids]

    def together(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def publish(self, *events: CustomerEvent) -> None:
        if self.away:
            raise Unavailable
        self.published += [each.lead_id for each in events]


async def test_every_one_is_told_of_once() -> None:
    """However many they are; those that could not be told of are the next time."""
    world = World(away=True)
    with pytest.raises(Unavailable):
        await world.leads.publish_failed("camp_1", at=NOON)
    assert len(world.rows) == 250

    world.away = False
    for _ in range(2):
        await world.leads.publish_failed("camp_1", at=NOON)

    assert world.published == [f"lead_{n:03}" for n in range(250)]
    assert not world.rows
