"""outreach_worker.campaigns.activities: many leads, one after the other, over several attempts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.workflow.contracts import UpdateWorkflow
from outreach_worker.campaigns.activities import CampaignActivities
from outreach_worker.campaigns.contracts import CampaignRef
from servicekit.clock import Clock
from servicekit.temporal.plugin import ActivityInterceptor
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor

CLOCK = Clock(datetime(2026, 1, 1, tzinfo=UTC), 1.0)
LEADS = [f"lead_{number:02}" for number in range(12)]
PAGE = 3
FAILS_AFTER = 7
CAMPAIGN = CampaignRef(campaign_id="camp_1")


@dataclass
class Campaign:
    """A campaign's rows, its leads and their workflows; every seventh word to one is lost."""

    revision_id: str = "rev_2"
    told: list[str] = field(default_factory=list)
    words: int = 0
    said: list[object] = field(default_factory=list)

    async def get(self, _campaign_id: str) -> Campaign:
        return self

    async def running_ids(self, _campaign_id: str, *, after: str, limit: int) -> Sequence[str]:
        return [lead for lead in LEADS if lead > after][:limit]

    async def begun(self, campaign_id: str, *, after: str, limit: int) -> Sequence[str]:
        return await self.running_ids(campaign_id, after=after, limit=limit)

    async def move_unstarted(self, _campaign_id: str) -> None:
        pass

    def get_workflow_handle(self, workflow_id: str) -> Handle:
        return Handle(self, workflow_id.rpartition("/")[2])

    def get_workflow_handle_for(self, _run: object, workflow_id: str) -> Handle:
        return self.get_workflow_handle(workflow_id)


@dataclass
class Handle:
    campaign: Campaign
    lead_id: str

    async def cancel(self, **_options: object) -> None:
        self.campaign.words += 1
        if self.campaign.words % FAILS_AFTER == 0:
            raise ConnectionError
        self.campaign.told.append(self.lead_id)

    async def signal(self, _signal: object, update: object, **_options: object) -> None:
        self.campaign.said.append(update)
        await self.cancel()


class Running(ActivityInboundInterceptor):
    def __init__(self, run: Callable[[CampaignRef], Awaitable[Any]]) -> None:
        self._run = run

    async def execute_activity(self, input: Any) -> Any:  # noqa: A002 - the SDK's name
        return await self._run(input)


async def attempts(run: Callable[[CampaignRef], Awaitable[Any]], beaten: list[Any]) -> int:
    """How many it takes to come to its end, each with what the one before has told."""
    for attempt in range(1, 10):
        environment = ActivityEnvironment()
        environment.info = replace(
            environment.info,
            attempt=attempt,
            heartbeat_details=list(beaten),
            start_to_close_timeout=timedelta(minutes=1),
        )
        environment.on_heartbeat = lambda *told: beaten.__setitem__(
            slice(None), told or tuple(beaten)
        )
        inbound = ActivityInterceptor(CLOCK).intercept_activity(Running(run))
        try:
            await environment.run(inbound.execute_activity, CAMPAIGN)
        except ExceptionGroup:
            continue
        return attempt
    raise AssertionError


def activities(campaign: Any) -> CampaignActivities:
    return CampaignActivities(
        campaign,
        campaign,
        campaign,
        campaign,
        campaign,
        temporal=campaign,
        untold=campaign,
        metrics=campaign,
        clock=CLOCK,
        page=PAGE,
        concurrency=1,
    )


@pytest.mark.parametrize("name", ["call_off_leads", "signal_revision"])
async def test_an_attempt_goes_on_where_the_one_before_was_lost(name: str) -> None:
    """Each began with the first lead again: a campaign of many never came to the last one."""
    campaign = Campaign()

    took = await attempts(getattr(activities(campaign), name), [])

    assert took > 1
    assert sorted(set(campaign.told)) == LEADS
    assert len(campaign.told) < len(LEADS) + took * PAGE


async def test_another_revision_is_told_from_the_first_lead_on() -> None:
    """Whom an attempt has told of the one before knows nothing of this one."""
    campaign = Campaign()

    await attempts(activities(campaign).signal_revision, [0, "rev_1/lead_08"])

    assert sorted(set(campaign.told)) == LEADS


async def test_leads_are_told_to_look_and_not_at_what() -> None:
    """Of two that told at once the slower named the older revision last, and leads went back."""
    campaign = Campaign()

    await attempts(activities(campaign).signal_revision, [])

    assert set(campaign.said) == {UpdateWorkflow(revision_id="")}
