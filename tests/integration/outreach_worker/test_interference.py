"""Somebody ends, deletes or resets workflows at Temporal, in every state that they can be in.

Within two minutes a campaign goes on or says why not; no lead is lost, and nobody is contacted who
should not be, or twice. Some of the cases run in the suite, all of them by `make interference`.
"""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from campaign_api.clients.temporal import TemporalConnection
from campaign_api.clients.temporal_workflows import Asking, TemporalWorkflows
from campaigns.models import Campaign, Lead, LeadState
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import (
    CampaignContract,
    LeadContract,
    StopCampaign,
    campaign_workflow_id,
    lead_workflow_id,
)
from campaigns.workflow.wake import wake_lead
from servicekit.ids import new_id
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import (
    DeleteWorkflowExecutionRequest,
    ResetWorkflowExecutionRequest,
)
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import Engine, people

LONG = 120.0
"""Real seconds; the claim itself."""
NEVER = not_yet("WAITING_FOR_HOURS", retry_after=timedelta(days=4000))
AGES = timedelta(days=4000)

VISIT = Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT)
ASLEEP = (
    Step(
        step_id="visit",
        index=0,
        kind=StepKind.PROFILE_VISIT,
        next_step_id="message",
        next_delay=AGES,
    ),
    Step(step_id="message", index=1, kind=StepKind.SEND_FOLLOWUP, text="Hello!"),
)
INVITED = (
    Step(
        step_id="invite",
        index=0,
        kind=StepKind.SEND_CONNECTION_REQUEST,
        accept_within=AGES,
        waits_for_acceptance=True,
    ),
)


# --- What somebody does -------------------------------------------------------------


async def terminate(engine: Engine, workflow_id: str) -> None:
    await (await as_by_rpc(engine)).terminate(await asked(engine, workflow_id))


async def cancel(engine: Engine, workflow_id: str) -> None:
    await (await as_by_rpc(engine)).cancel(await asked(engine, workflow_id))


async def as_by_rpc(engine: Engine) -> TemporalWorkflows:
    """What CancelWorkflow and TerminateWorkflow call; Temporal's own tools call the same."""

    async def connecting() -> Client:
        return engine.client

    connection = TemporalConnection()
    await connection.connect(connecting())
    return TemporalWorkflows(connection)


async def asked(engine: Engine, workflow_id: str) -> Asking:
    run_id = (await engine.client.get_workflow_handle(workflow_id).describe()).run_id
    return Asking(
        workflow_id=workflow_id,
        run_id=run_id,
        by="mem_ann",
        request_id=new_id("req"),
        reason="interference",
    )


async def delete(engine: Engine, workflow_id: str) -> None:
    await engine.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=engine.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
        )
    )


async def reset_to_its_beginning(engine: Engine, workflow_id: str) -> None:
    await _reset(engine, workflow_id, task=0)


async def reset_to_its_last_task(engine: Engine, workflow_id: str) -> None:
    await _reset(engine, workflow_id, task=-1)


async def _reset(engine: Engine, workflow_id: str, *, task: int) -> None:
    handle = engine.client.get_workflow_handle(workflow_id)
    run_id = (await handle.describe()).run_id
    events = [each async for each in handle.fetch_history_events()]
    tasks = [
        each.event_id
        for each in events
        if each.HasField("workflow_task_completed_event_attributes")
    ]
    await engine.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=engine.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
            reason="interference",
            workflow_task_finish_event_id=tasks[task],
            request_id=new_id("reset"),
        )
    )


Interferes = Callable[[Engine, str], Awaitable[None]]
INTERFERENCES: dict[str, Interferes] = {
    each.__name__: each
    for each in (terminate, cancel, delete, reset_to_its_beginning, reset_to_its_last_task)
}
ENDS_AS = {
    "terminate": "WORKFLOW_TERMINATED",
    "cancel": "WORKFLOW_CANCELLED",
    "delete": "WORKFLOW_DELETED",
}
"""What becomes of a lead; one that is reset goes on."""


# --- Leads --------------------------------------------------------------------------


async def in_turn(engine: Engine) -> Campaign:
    engine.gateway.always("visit_profile", NEVER)
    campaign = await started(engine, (VISIT,))
    await engine.until(lambda: len(engine.gateway.asked) == 3, within=LONG)
    return campaign


async def asleep(engine: Engine) -> Campaign:
    campaign = await started(engine, ASLEEP)
    await engine.until(lambda: steps_done(engine, campaign, 3), within=LONG)
    return campaign


async def awaiting_an_answer(engine: Engine) -> Campaign:
    campaign = await started(engine, INVITED)
    await engine.until(lambda: steps_done(engine, campaign, 3), within=LONG)
    return campaign


async def parked(engine: Engine) -> Campaign:
    engine.activities.broken.add("perform_step")
    campaign = await started(engine, (VISIT,))
    await engine.until(lambda: are(engine, campaign, LeadState.PARKED, 3), within=LONG)
    engine.activities.broken.clear()
    return campaign


LEAD_STATES = {each.__name__: each for each in (in_turn, asleep, awaiting_an_answer, parked)}


async def started(engine: Engine, steps: tuple[Step, ...]) -> Campaign:
    campaign = await engine.new_campaign(people(3), steps=steps, lead_processing_delay=timedelta())
    await engine.start(campaign.id)
    return campaign


async def steps_done(engine: Engine, campaign: Campaign, leads: int) -> bool:
    counts = (await engine.statuses.counts(campaign.id)).steps
    return any(
        sum(states.values()) - states.get("waiting", 0) == leads for states in counts.values()
    )


async def are(engine: Engine, campaign: Campaign, state: LeadState, leads: int) -> bool:
    return await engine.count(campaign.id, state) == leads


def some(cases: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """All of them where they are asked for, else each state and each interference once."""
    if "INTERFERENCE" in os.environ:
        return cases
    states = sorted({state for state, _ in cases})
    return [
        (state, what)
        for state, what in cases
        if list(INTERFERENCES).index(what) % len(states) == states.index(state)
    ]


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize(
    ("state", "interference"), some(list(itertools.product(LEAD_STATES, INTERFERENCES)))
)
async def test_a_lead(engine: Engine, state: str, interference: str) -> None:
    """It ends with its true reason and has nothing queued, or goes on; the others go on anyway."""
    async with engine.working():
        campaign = await LEAD_STATES[state](engine)
        victim, *others = await engine.all_leads(campaign.id)
        sent = len(engine.gateway.sent)
        # Who was never seen at Temporal may have been lost there, and does not end.
        await engine.sweep.sweep()

        await INTERFERENCES[interference](engine, lead_workflow_id(campaign.id, victim.id))
        ends = ENDS_AS.get(interference)
        if ends:
            await engine.until(lambda: ended(engine, victim, ends), within=LONG)
        else:
            await engine.until(lambda: goes_on(engine, victim), within=LONG)
        await engine.sweep.sweep()
        (now, *_) = await engine.all_leads(campaign.id)

        if ends:
            assert not now.state.walks
            assert not engine.gateway.queued(victim.id)
        # What stopped a parked one is mended: one that is reset comes to its end.
        if (state, ends) != ("parked", None):
            assert now.state.walks == (ends is None)
            assert len(engine.gateway.sent) == sent
        await released(engine, campaign, others if ends else [victim, *others])

    reached = [request.action_id for request in engine.gateway.sent]
    assert len(reached) == len({*reached})
    for lead in await engine.all_leads(campaign.id):
        kinds = engine.gateway.sent_to(lead.person.public_identifier)
        assert len(kinds) == len({*kinds})


async def ended(engine: Engine, lead: Lead, reason: str) -> bool:
    await engine.sweep.sweep()
    row = await engine.leads.get(lead.campaign_id, lead.id)
    return not row.state.walks and row.reason == reason


async def goes_on(engine: Engine, lead: Lead) -> bool:
    """The run that was reset is followed by another, which runs or has come to its end."""
    await engine.sweep.sweep()
    described = await engine.lead(lead).describe()
    return described.status in {
        WorkflowExecutionStatus.RUNNING,
        WorkflowExecutionStatus.COMPLETED,
    }


async def released(engine: Engine, campaign: Campaign, leads: list[Lead]) -> None:
    """What held the leads goes away: all that are left come to an end, and so does the campaign."""
    engine.gateway.comes.clear()
    handle = engine.client.get_workflow_handle_for(
        CampaignContract.run, campaign_workflow_id(campaign.id)
    )
    for lead in leads:
        row = await engine.leads.get(campaign.id, lead.id)
        # One that was reset may come to its end by itself meanwhile.
        with suppress(RPCError):
            if row.state is LeadState.PARKED:
                await engine.lead(lead).signal(LeadContract.retry)
            elif row.state.walks:
                await engine.lead(lead).cancel()
    result = await asyncio.wait_for(handle.result(), LONG)
    assert result.state in {"completed", "stopped"}
    assert not [each for each in await engine.all_leads(campaign.id) if each.state.walks]


# --- Campaigns ----------------------------------------------------------------------


async def running(engine: Engine) -> Campaign:
    return await crowded(engine)


async def paused(engine: Engine) -> Campaign:
    campaign = await crowded(engine)
    await engine.campaigns.pause(campaign.id)
    await signalled(engine, campaign).signal(CampaignContract.pause)
    return campaign


async def stopping(engine: Engine) -> Campaign:
    campaign = await crowded(engine)
    await engine.campaigns.stop(campaign.id, complete_current_executions=True)
    stop = StopCampaign(complete_current_executions=True)
    await signalled(engine, campaign).signal(CampaignContract.stop, stop)
    return campaign


async def stalled(engine: Engine) -> Campaign:
    engine.activities.broken.add("admit_leads")
    campaign = await crowded(engine, admitted=0)
    await engine.until(lambda: is_stalled(engine, campaign), within=LONG)
    return campaign


CAMPAIGN_STATES = {each.__name__: each for each in (running, paused, stopping, stalled)}


async def crowded(engine: Engine, *, admitted: int = 2) -> Campaign:
    """Two leads are in the sequence and the third waits for room."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=(VISIT,), max_concurrent_leads=2, lead_processing_delay=timedelta()
    )
    await engine.start(campaign.id)
    await engine.until(lambda: len(engine.gateway.asked) >= admitted, within=LONG)
    return campaign


def signalled(engine: Engine, campaign: Campaign):  # noqa: ANN201 - the SDK's handle
    return engine.client.get_workflow_handle_for(
        CampaignContract.run, campaign_workflow_id(campaign.id)
    )


async def is_stalled(engine: Engine, campaign: Campaign) -> bool:
    return (await engine.statuses.counts(campaign.id)).stall is not None


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize(
    ("state", "interference"), some(list(itertools.product(CAMPAIGN_STATES, INTERFERENCES)))
)
async def test_a_campaign(engine: Engine, state: str, interference: str) -> None:
    """It goes on as its row says: who was in the sequence is there, who waited comes in or ends."""
    async with engine.working():
        campaign = await CAMPAIGN_STATES[state](engine)
        run_id = (await signalled(engine, campaign).describe()).run_id

        await INTERFERENCES[interference](engine, campaign_workflow_id(campaign.id))
        await engine.until(lambda: runs_anew(engine, campaign, run_id), within=LONG)
        row = await engine.campaigns.get(campaign.id)
        assert row.state == campaign_state(state)
        assert not engine.gateway.sent
        engine.activities.broken.clear()
        engine.gateway.comes.clear()
        if state == "paused":
            await engine.campaigns.resume(campaign.id)
            await signalled(engine, campaign).signal(CampaignContract.resume)
        for lead in await engine.all_leads(campaign.id):
            if lead.state.walks:
                await woken(engine, lead)
        result = await asyncio.wait_for(signalled(engine, campaign).result(), LONG)

    assert result.state == ("stopped" if state == "stopping" else "completed")
    leads = await engine.all_leads(campaign.id)
    assert not [lead for lead in leads if lead.state.walks or lead.state is LeadState.READY]
    reached = [request.person.public_identifier for request in engine.gateway.sent]
    assert len(reached) == len({*reached})
    if state != "stopping":
        assert sorted(reached) == sorted(lead.person.public_identifier for lead in leads)
    assert engine.dispatcher.types().count("CAMPAIGN_STARTED") == 1


def campaign_state(state: str) -> str:
    return "running" if state == "stalled" else state


async def runs_anew(engine: Engine, campaign: Campaign, run_id: str) -> bool:
    await engine.sweep.sweep()
    try:
        described = await signalled(engine, campaign).describe()
    except RPCError:
        return False
    return described.status is WorkflowExecutionStatus.RUNNING and described.run_id != run_id


async def woken(engine: Engine, lead: Lead) -> None:
    """Its action is asked for again at once, as when what it waited for goes away."""
    try:
        await wake_lead(engine.client, lead.campaign_id, lead.id, jitter=timedelta())
    except RPCError:
        # It waits for nothing.
        return
