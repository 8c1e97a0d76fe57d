"""Who failed with their campaign's end is told of, whatever becomes of one of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from outreach_worker.campaigns.held_leads import HeldLeads
from outreach_worker.events.contracts import CustomerEvent
from servicekit.errors import InvalidArgument, ServiceError, Unavailable

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class World:
    """The rows, and a dispatcher that fails by whom it is told of."""

    fails: dict[str, ServiceError] = field(default_factory=dict)
    rows: list[str] = field(default_factory=lambda: ["lead_1", "lead_2", "lead_3"])
    published: list[str] = field(default_factory=list)

    @property
    def leads(self) -> HeldLeads:
        world: Any = self
        return HeldLeads(world, world)

    async def failed(self, _campaign_id: str, *, limit: int) -> list[str]:
        return self.rows[:limit]

    async def mark_published(self, lead_ids: list[str]) -> None:
        self.rows = [each for each in self.rows if each not in lead_ids]

    async def publish(self, told: CustomerEvent, **_: object) -> None:
        if failure := self.fails.get(told.lead_id):
            raise failure
        self.published.append(told.lead_id)


async def test_one_that_is_refused_holds_up_nobody() -> None:
    """Neither the others nor the end of their campaign, which is told behind them."""
    world = World(fails={"lead_2": InvalidArgument()})

    await world.leads.publish_failed("camp_1", at=NOON)

    assert (world.published, world.rows) == (["lead_1", "lead_3"], [])


async def test_who_could_not_be_told_of_is_told_of_the_next_time() -> None:
    """A dispatcher that is away has heard of nobody for good."""
    world = World(fails={"lead_2": Unavailable()})
    with pytest.raises(Unavailable):
        await world.leads.publish_failed("camp_1", at=NOON)
    assert len(world.rows) == 3

    world.fails.clear()
    await world.leads.publish_failed("camp_1", at=NOON)

    assert set(world.published) == {"lead_1", "lead_2", "lead_3"}
    assert not world.rows
