"""What events are made of is read once, however many there are."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import Any

from campaigns.models import Campaign, Lead
from campaigns.outbox.outbox_event import OutboxEvent
from outreach_worker.events.contracts import LEAD_FAILED, LEAD_STARTED, CustomerEvent
from outreach_worker.events.publisher import Publisher

from tests.unit.outreach_worker.steps.test_gateway_requests import CAMPAIGN, LEAD, NOON


class Rows:
    """A campaign and its leads, and what was asked of them; an outbox that keeps all."""

    def __init__(self, *lead_ids: str) -> None:
        self._lead_ids = lead_ids
        self.asked: list[str] = []
        self.written: list[tuple[str, str, int]] = []

    def transaction(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def get(self, campaign_id: str) -> Campaign:
        self.asked.append(campaign_id)
        return CAMPAIGN

    async def among(self, leads: Collection[tuple[str, str]]) -> dict[tuple[str, str], Lead]:
        self.asked.append("leads")
        return {
            (campaign_id, lead_id): replace(LEAD, id=lead_id)
            for campaign_id, lead_id in leads
            if lead_id in self._lead_ids
        }

    async def write(
        self,
        _organization_id: str,
        _subject: str,
        _event_id: str,
        make: Callable[[int], OutboxEvent],
    ) -> bool:
        made = make(len(self.written) + 1)
        self.written.append((made.subject, made.type, made.number))
        return True


async def test_each_row_is_read_once() -> None:
    """A page of leads that fail with their campaign read it a hundred times, under their locks."""
    rows: Any = Rows(*(f"lead_{n}" for n in range(100)))
    failed = [
        CustomerEvent(type=LEAD_FAILED, campaign_id="camp_1", lead_id=f"lead_{n}", at=NOON)
        for n in range(100)
    ]

    await Publisher(rows, rows, rows, rows, rows).publish(*failed)

    assert rows.asked == ["camp_1", "leads"]
    assert [subject for subject, _, _ in rows.written] == [each.lead_id for each in failed]


async def test_of_who_was_removed_nothing_is_told() -> None:
    """The others of the same call are, in their order."""
    rows: Any = Rows("lead_1")
    events = [
        CustomerEvent(type=event_type, campaign_id="camp_1", lead_id=lead_id, at=NOON)
        for lead_id in ("lead_1", "lead_gone")
        for event_type in (LEAD_STARTED, LEAD_FAILED)
    ]

    await Publisher(rows, rows, rows, rows, rows).publish(*events)

    assert rows.written == [("lead_1", LEAD_STARTED, 1), ("lead_1", LEAD_FAILED, 2)]
