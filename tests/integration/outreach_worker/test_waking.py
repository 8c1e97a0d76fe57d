"""Leads that wait without a known end are woken through Temporal, and leave no trace of it."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.wake import wake_lead
from outreach.linkedin.v1 import action_service_pb2 as pb
from temporalio.service import RPCError, RPCStatusCode

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import Engine, people

ONE_VISIT = (Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),)
YEARS = timedelta(days=5_000)
"""14 real minutes on the tests' clock: nobody gets there by waiting."""
LONG_BEFORE = 240.0
"""Real seconds for what comes at once; a busy machine may take its time."""


def parked(engine: Engine) -> asyncio.Event:
    """Every visit is told to wait for years, until the event is set."""
    free = asyncio.Event()

    async def comes(_: pb.PerformActionRequest) -> None:
        if not free.is_set():
            raise not_yet("HELD", retry_after=YEARS)

    engine.gateway.comes["visit_profile"] = comes
    return free


@pytest.mark.parametrize("jitter", [timedelta(), timedelta(seconds=1)])
async def test_a_parked_lead_goes_on_when_woken(engine: Engine, jitter: timedelta) -> None:
    """Its attempt comes when it is woken, however much jitter, instead of after years."""
    free = parked(engine)
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: engine.gateway.asked)
        (lead,) = await engine.all_leads(campaign.id)
        handle = engine.lead(lead)
        await engine.until(lambda: backing_off(engine, handle.id))
        events = len((await handle.fetch_history()).events)
        free.set()
        await wake_lead(engine.client, campaign.id, lead.id, jitter=jitter)
        left_no_trace = len((await handle.fetch_history()).events) <= events + 5
        result = await asyncio.wait_for(handle.result(), LONG_BEFORE)

    assert result.state == "completed"
    assert left_no_trace
    assert len(engine.gateway.sent) == 1


async def test_a_lead_woken_too_early_waits_again(engine: Engine) -> None:
    """Waking asks the gateway once more and nothing else: what is held stays held."""
    parked(engine)
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: engine.gateway.asked)
        (lead,) = await engine.all_leads(campaign.id)
        for times in (2, 3, 4):
            await engine.until(lambda: backing_off(engine, engine.lead(lead).id))
            await wake_lead(engine.client, campaign.id, lead.id, jitter=timedelta())
            await engine.until(partial(was_asked, engine, times))

    assert not engine.gateway.sent


async def test_nothing_to_wake_says_so(engine: Engine) -> None:
    """A lead that has ended, or never began, is NOT_FOUND."""
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)
    async with engine.working():
        await (await engine.start(campaign.id)).result()
        (lead,) = await engine.all_leads(campaign.id)
        await engine.lead(lead).result()

    for lead_id in (lead.id, "lead_unknown"):
        with pytest.raises(RPCError) as refused:
            await wake_lead(engine.client, campaign.id, lead_id, jitter=timedelta())
        assert refused.value.status is RPCStatusCode.NOT_FOUND


def was_asked(engine: Engine, times: int) -> bool:
    return len(engine.gateway.asked) == times


async def backing_off(engine: Engine, workflow_id: str) -> bool:
    """Whether the activity is between two attempts."""
    description = await engine.client.get_workflow_handle(workflow_id).describe()
    pending = description.raw_description.pending_activities
    return any(each.HasField("next_attempt_schedule_time") for each in pending)


@pytest.mark.lasts(seconds=10)
async def test_many_are_woken_in_a_spread(engine: Engine) -> None:
    """A resume wakes everybody over its spread: no herd asks the gateway in one moment."""
    free, asked_at = asyncio.Event(), list[float]()

    async def comes(_: pb.PerformActionRequest) -> None:
        if not free.is_set():
            raise not_yet("HELD", retry_after=YEARS)
        asked_at.append(time.monotonic())

    engine.gateway.comes["visit_profile"] = comes
    leads, spread = 40, timedelta(seconds=2)
    campaign = await engine.new_campaign(
        people(leads), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == leads)
        rows = await engine.all_leads(campaign.id)
        for lead in rows:
            await engine.until(partial(backing_off, engine, engine.lead(lead).id))
        free.set()
        woken_at = time.monotonic()
        await asyncio.gather(
            *(wake_lead(engine.client, campaign.id, lead.id, jitter=spread) for lead in rows)
        )
        await asyncio.wait_for(handle.result(), LONG_BEFORE)

    tenths = Counter(int((at - woken_at) / (spread.total_seconds() / 10)) for at in asked_at)
    assert len(asked_at) == leads
    assert max(tenths.values()) < leads / 2
    assert len(tenths) >= 5
