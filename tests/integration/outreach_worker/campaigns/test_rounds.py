"""A campaign's rounds, one by one, in the time-skipping server."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from math import inf
from typing import Any

import pytest
from campaigns.workflow.contracts import (
    AskAnew,
    CampaignContract,
    CampaignInput,
    CampaignResult,
    StopCampaign,
)
from outreach_worker.campaigns.contracts import Admitted, Woken
from outreach_worker.campaigns.workflow import CampaignWorkflow
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.fakes.campaign_story import OVER, CampaignStory

FULL = Admitted(started=2, running=2, ready=1, waits_for_room=True)
LAST = Admitted(running=1, waits_for_room=True)

Handle = WorkflowHandle[Any, CampaignResult]
Tell = Callable[[CampaignStory], AbstractAsyncContextManager[Handle]]


@pytest.fixture
def tell(skipping: WorkflowEnvironment) -> Tell:
    """Starts the campaign of a story; it goes on while the block runs."""
    numbers = itertools.count(1)

    @asynccontextmanager
    async def telling(story: CampaignStory) -> AsyncIterator[Handle]:
        name = f"rounds-{next(numbers)}"
        async with Worker(
            skipping.client,
            task_queue=name,
            workflows=[CampaignWorkflow],
            activities=story.activities(),
        ):
            yield await skipping.client.start_workflow(
                CampaignContract.run,
                CampaignInput(campaign_id="camp_1"),
                id=f"campaign/{name}",
                task_queue=name,
            )

    return telling


async def duration(handle: Handle) -> timedelta:
    """How long the workflow ran; the server's own time skips on after its end."""
    description = await handle.describe()
    assert description.close_time is not None
    return description.close_time - description.start_time


async def test_a_lost_wake_up_delays_a_campaign_by_an_hour(tell: Tell) -> None:
    """Nobody says that there is room: the campaign looks for itself, hourly and not more."""
    story = CampaignStory(rounds=[FULL, LAST, OVER])

    async with tell(story) as handle:
        result = await handle.result()
        took = await duration(handle)

    assert result.state == "completed"
    assert timedelta(hours=2) <= took < timedelta(hours=2, minutes=1)
    assert [each for each in story.done if "." not in each] == ["admit"] * 3 + ["end"]


async def test_a_campaign_waits_until_it_may_admit(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """When only time stands in the way it sleeps exactly that long."""
    opens_at = await skipping.get_current_time() + timedelta(days=3)
    story = CampaignStory(rounds=[Admitted(ready=1, next_at=opens_at), OVER])

    async with tell(story) as handle:
        await handle.result()
        took = await duration(handle)

    assert abs(took - timedelta(days=3)) < timedelta(minutes=1)
    assert story.done.count("admit") == 2


async def test_a_pause_ends_only_by_a_resume(tell: Tell, skipping: WorkflowEnvironment) -> None:
    """For a month nobody looks at the list of a paused campaign; pausing twice is told once."""
    story = CampaignStory(rounds=[FULL, OVER])

    async with tell(story) as handle:
        await skipping.sleep(timedelta(minutes=5))
        await handle.signal(CampaignContract.pause)
        await handle.signal(CampaignContract.pause)
        await skipping.sleep(timedelta(days=30))
        looked = story.done.count("admit")
        await handle.signal(CampaignContract.resume)
        result = await handle.result()

    assert looked == 1
    assert result.state == "completed"
    assert story.done.count("campaign.paused") == 1
    assert story.done.count("campaign.resumed") == 1


async def test_a_stop_ends_a_pause(tell: Tell, skipping: WorkflowEnvironment) -> None:
    """A paused campaign can be stopped without being resumed first."""
    story = CampaignStory(rounds=[FULL, OVER])

    async with tell(story) as handle:
        await skipping.sleep(timedelta(minutes=5))
        await handle.signal(CampaignContract.pause)
        await skipping.sleep(timedelta(days=1))
        await handle.signal(CampaignContract.stop, StopCampaign())
        result = await handle.result()

    assert result.state == "stopped"
    assert [each for each in story.done if "." not in each] == [
        "admit",
        "stop ready",
        "call off",
        "admit",
        "end",
    ]


async def test_leads_that_came_in_last_hold_off_the_end(tell: Tell) -> None:
    """The end is refused because the list has grown: the campaign goes on, unhurried."""
    story = CampaignStory(rounds=[OVER], ends=[None, None])

    async with tell(story) as handle:
        result = await handle.result()
        took = await duration(handle)

    assert result.state == "completed"
    assert story.done.count("end") == 3
    assert timedelta(hours=2) <= took < timedelta(hours=2, minutes=1)


async def test_leads_are_woken_some_at_a_time_and_by_one_pass(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """Each activity wakes so many and says where the next ones begin, until all are woken.

    Edits in haste do not go through ten thousand leads beside each other.
    """
    passes = [Woken(leads=2, after="lead_2"), Woken(leads=2, after="lead_4"), Woken(leads=1)]
    story = CampaignStory(rounds=[FULL, OVER], woken=passes)

    async with tell(story) as handle:
        await skipping.sleep(timedelta(minutes=5))
        await handle.signal(CampaignContract.ask_anew, AskAnew(within_seconds=3))
        await skipping.sleep(timedelta(minutes=5))
        await handle.signal(CampaignContract.room_freed)
        await handle.result()

    woken = [each for each in story.done if each.startswith("wake")]
    assert woken == ["wake behind ''", "wake behind 'lead_2'", "wake behind 'lead_4'"]


async def test_who_wakes_some_leads_does_not_cut_short_who_wakes_all(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """Whichever is asked for first, both come behind their last lead, in turns."""
    story = CampaignStory(
        rounds=[FULL, OVER],
        woken=[Woken(leads=2, after=f"lead_{number}") for number in range(1, 5)],
    )
    asks = [AskAnew(), AskAnew(moving_to="acct_new"), AskAnew(moving_to="acct_other")]

    async with tell(story) as handle:
        await skipping.sleep(timedelta(minutes=5))
        story.waking.clear()
        await handle.signal(CampaignContract.ask_anew, asks[0])
        await story.wakes.wait()
        for ask in asks[1:]:
            await handle.signal(CampaignContract.ask_anew, ask)
        story.waking.set()
        await skipping.sleep(timedelta(minutes=5))
        await handle.signal(CampaignContract.room_freed)
        await handle.result()

    woken = [each for each in story.done if each.startswith("wake")]
    assert woken == [
        "wake behind ''",
        "wake acct_new behind ''",
        "wake acct_other behind ''",
        "wake behind 'lead_1'",
        "wake acct_new behind 'lead_2'",
        "wake acct_other behind 'lead_3'",
        "wake behind 'lead_4'",
    ]


async def test_the_list_is_looked_at_when_the_campaign_ends(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """Also while it waits for room: else those of the list would be told up to an hour late."""
    look_by = await skipping.get_current_time() + timedelta(minutes=20)
    story = CampaignStory(rounds=[replace(FULL, look_by=look_by), OVER])

    async with tell(story) as handle:
        await handle.result()

    assert timedelta(minutes=19) < await duration(handle) < timedelta(minutes=21)


async def test_events_are_told_in_the_order_in_which_they_happened(tell: Tell) -> None:
    """Paused and resumed in one moment, and the pause is written at the second attempt only:
    told the other way round, customers took the campaign for paused for ever.
    """
    story = CampaignStory(rounds=[FULL, OVER], unpublishable={"campaign.paused": 1})

    async with tell(story) as handle:
        await handle.signal(CampaignContract.pause)
        await handle.signal(CampaignContract.resume)
        await handle.result()

    told = [each for each in story.done if "." in each]
    assert told == ["campaign.started", "campaign.paused", "campaign.resumed"]


async def test_an_event_that_cannot_be_written_holds_no_other_up(tell: Tell) -> None:
    """A month long it is tried, and what came after it is told after an hour."""
    story = CampaignStory(rounds=[FULL, OVER], unpublishable={"campaign.paused": inf})

    async with tell(story) as handle:
        await handle.signal(CampaignContract.pause)
        await handle.signal(CampaignContract.resume)
        await handle.result()

    assert [each for each in story.done if "." in each] == ["campaign.started", "campaign.resumed"]
