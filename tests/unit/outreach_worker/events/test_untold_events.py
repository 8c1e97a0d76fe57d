"""What happens to campaigns themselves, told by rows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.repositories.orphaned_lead_repository import CampaignEvent
from outreach_worker.events.contracts import (
    CAMPAIGN_COMPLETED,
    CAMPAIGN_PAUSED,
    CAMPAIGN_RESUMED,
    CAMPAIGN_STOPPED,
    LEAD_FAILED,
    CustomerEvent,
)
from outreach_worker.events.untold_events import UntoldEvents
from servicekit.errors import Internal, InvalidArgument, ServiceError, Unavailable

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOON = timedelta(seconds=1)


def event(type_: str, minutes: int) -> CustomerEvent:
    at = NOON + timedelta(minutes=minutes)
    return CustomerEvent(type=type_, campaign_id="camp_1", key=f"{minutes}", at=at)


EVENTS = [event(CAMPAIGN_PAUSED, 1), event(CAMPAIGN_RESUMED, 2), event(CAMPAIGN_COMPLETED, 3)]


@dataclass
class World:
    """The rows, a dispatcher that fails by the type of what it is told, and leads held back."""

    held: list[str] = field(default_factory=list)
    fails: dict[str, ServiceError] = field(default_factory=dict)
    rows: list[CampaignEvent] = field(default_factory=list)
    published: list[str] = field(default_factory=list)

    @property
    def events(self) -> UntoldEvents:
        world: Any = self
        return UntoldEvents(world, world, world)

    async def note(self, row: CampaignEvent) -> None:
        if row not in self.rows:
            self.rows.append(row)

    async def untold(
        self, *, after: CampaignEvent | None = None, limit: int
    ) -> list[CampaignEvent]:
        assert limit > 0
        return [row for row in self.rows if after is None or row.at > after.at]

    async def told(self, row: CampaignEvent) -> None:
        self.rows.remove(row)

    async def publish(self, told: CustomerEvent, **_: object) -> None:
        if failure := self.fails.get(told.type):
            raise failure
        self.published.append(told.event_id)

    async def publish_failed(self, campaign_id: str, *, at: datetime) -> None:
        for lead_id in [*self.held]:
            await self.publish(failed(lead_id, campaign_id, at=at))
            self.held.remove(lead_id)


def failed(lead_id: str, campaign_id: str = "camp_1", *, at: datetime) -> CustomerEvent:
    return CustomerEvent(type=LEAD_FAILED, campaign_id=campaign_id, lead_id=lead_id, at=at)


async def fail_to_tell(world: World) -> None:
    for each in EVENTS:
        with pytest.raises(ServiceError):
            await world.events.publish(each, within=SOON)


async def test_what_could_not_be_told_is_told_by_its_row() -> None:
    """In the order in which it happened, as the same events, and once."""
    world = World(fails=dict.fromkeys([each.type for each in EVENTS], Unavailable()))
    await fail_to_tell(world)
    await world.events.settle()
    assert (len(world.rows), world.published) == (3, [])

    world.fails.clear()
    for _ in range(2):
        await world.events.settle()

    assert world.published == [each.event_id for each in EVENTS]
    assert not world.rows


async def test_what_was_told_leaves_no_row() -> None:
    """Neither told at once nor told in the end."""
    world = World()

    await world.events.publish(EVENTS[0], within=SOON)

    assert (world.published, world.rows) == ([EVENTS[0].event_id], [])


@pytest.mark.parametrize(
    ("failure", "left"), [(InvalidArgument(), 0), (Internal(), 1)], ids=["refused", "a bug"]
)
async def test_one_event_holds_up_no_other(failure: ServiceError, left: int) -> None:
    """What is refused for good is given up; what a bug keeps is tried again, and is raised."""
    world = World(fails=dict.fromkeys([each.type for each in EVENTS], Unavailable()))
    await fail_to_tell(world)
    world.fails = {CAMPAIGN_RESUMED: failure}

    if left:
        with pytest.raises(Internal):
            await world.events.settle()
    else:
        await world.events.settle()

    assert world.published == [EVENTS[0].event_id, EVENTS[2].event_id]
    assert len(world.rows) == left


@pytest.mark.parametrize("type_", [CAMPAIGN_COMPLETED, CAMPAIGN_STOPPED])
async def test_an_end_is_told_behind_who_failed_with_it(type_: str) -> None:
    """Whoever had been held back until then; the end came first, and they not at all."""
    end = event(type_, 3)
    world = World(held=["lead_1", "lead_2"], fails={type_: Unavailable()})
    with pytest.raises(ServiceError):
        await world.events.publish(end, within=SOON)
    world.fails = {LEAD_FAILED: Unavailable()}
    await world.events.settle()
    assert (len(world.rows), world.published) == (1, [])

    world.fails.clear()
    await world.events.settle()

    at_its_end = [failed(lead_id, at=end.at) for lead_id in ("lead_1", "lead_2")]
    assert world.published == [each.event_id for each in (*at_its_end, end)]
    assert not world.rows


async def test_who_is_held_back_is_not_told_of_before_the_end() -> None:
    """A pause ends nobody."""
    world = World(held=["lead_1"])
    await world.note(CampaignEvent(campaign_id="camp_1", type=CAMPAIGN_PAUSED, key="", at=NOON))

    await world.events.settle()

    assert (world.held, len(world.published)) == (["lead_1"], 1)
