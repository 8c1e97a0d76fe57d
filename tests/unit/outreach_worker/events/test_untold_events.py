"""Ends of campaigns, told by rows."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.repositories.orphaned_lead_repository import CampaignEvent
from outreach_worker.events.contracts import (
    CAMPAIGN_COMPLETED,
    CAMPAIGN_PAUSED,
    CAMPAIGN_STOPPED,
    LEAD_FAILED,
    CustomerEvent,
)
from outreach_worker.events.untold_events import UntoldEvents
from servicekit.errors import Internal, ServiceError, Unavailable

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def row(type_: str, minutes: int = 0) -> CampaignEvent:
    at = NOON + timedelta(minutes=minutes)
    return CampaignEvent(campaign_id="camp_1", type=type_, key="", at=at)


@dataclass
class World:
    """The rows, an outbox that fails by the type of what it is given, and leads held back."""

    held: list[str] = field(default_factory=list)
    fails: dict[str, ServiceError] = field(default_factory=dict)
    rows: list[CampaignEvent] = field(default_factory=list)
    published: list[tuple[str, str]] = field(default_factory=list)

    @property
    def events(self) -> UntoldEvents:
        world: Any = self
        return UntoldEvents(world, world, world)

    async def untold(
        self, *, after: CampaignEvent | None = None, limit: int
    ) -> list[CampaignEvent]:
        assert limit > 0
        return [row for row in self.rows if after is None or row.at > after.at]

    async def note(self, row: CampaignEvent) -> None:
        if row not in self.rows:
            self.rows.append(row)

    async def told(self, row: CampaignEvent) -> None:
        self.rows.remove(row)

    def together(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def publish(self, *events: CustomerEvent) -> None:
        for each in events:
            if failure := self.fails.get(each.type):
                raise failure
            self.published.append((each.type, each.lead_id))

    async def publish_failed(self, campaign_id: str, *, at: datetime) -> None:
        while self.held:
            lead_id = self.held[0]
            await self.publish(
                CustomerEvent(type=LEAD_FAILED, campaign_id=campaign_id, lead_id=lead_id, at=at)
            )
            self.held.remove(lead_id)


async def test_what_has_a_row_is_told_once() -> None:
    """By whoever ends the campaign, and by whoever looks after the rows if that has died."""
    world = World(rows=[row(CAMPAIGN_COMPLETED)])

    for _ in range(2):
        await world.events.settle()

    assert (world.published, world.rows) == ([(CAMPAIGN_COMPLETED, "")], [])


@pytest.mark.parametrize("type_", [CAMPAIGN_COMPLETED, CAMPAIGN_STOPPED])
async def test_an_end_is_told_behind_who_failed_with_it(type_: str) -> None:
    """Whoever had been held back until then; the end came first, and they not at all."""
    world = World(held=["lead_1", "lead_2"], rows=[row(type_)], fails={LEAD_FAILED: Unavailable()})
    await world.events.settle()
    assert (len(world.rows), world.published) == (1, [])

    world.fails.clear()
    await world.events.settle()

    assert world.published == [(LEAD_FAILED, "lead_1"), (LEAD_FAILED, "lead_2"), (type_, "")]
    assert not world.rows


async def test_one_event_holds_up_no_other() -> None:
    """What a bug keeps is tried again, and is raised in the end."""
    world = World(
        rows=[row(CAMPAIGN_PAUSED), row(CAMPAIGN_COMPLETED, 1)],
        fails={CAMPAIGN_PAUSED: Internal()},
    )

    with pytest.raises(Internal):
        await world.events.settle()

    assert (world.published, len(world.rows)) == ([(CAMPAIGN_COMPLETED, "")], 1)


async def test_who_is_held_back_is_not_told_of_before_the_end() -> None:
    """A pause, of which a release before has left a row, ends nobody."""
    world = World(held=["lead_1"], rows=[row(CAMPAIGN_PAUSED)])

    await world.events.settle()

    assert (world.held, len(world.published)) == (["lead_1"], 1)
