"""Workflows that somebody ended or deleted at Temporal."""

import asyncio
from datetime import timedelta

import pytest
from campaigns.models import Lead, LeadState
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import CampaignContract, campaign_workflow_id
from outreach_worker.campaigns.workflow_sweep import _GONE
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import Engine, people

ONE_VISIT = (Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),)
NEVER = not_yet("WAITING_FOR_HOURS", retry_after=timedelta(days=4000))


async def delete(engine: Engine, workflow_id: str) -> None:
    await engine.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=engine.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
        )
    )


async def swept(engine: Engine, campaign_id: str, state: LeadState, leads: int) -> bool:
    await engine.sweep.sweep()
    return await engine.count(campaign_id, state) == leads


async def runs_again(engine: Engine, campaign_id: str, *, ended_run: str) -> bool:
    """Another run than the one that was ended; ending one takes Temporal a moment."""
    await engine.sweep.sweep()
    handle = engine.client.get_workflow_handle(campaign_workflow_id(campaign_id))
    try:
        described = await handle.describe()
    except RPCError:
        return False
    runs = described.status is WorkflowExecutionStatus.RUNNING
    return runs and described.run_id != ended_run


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("ended", ["terminated", "cancelled", "deleted", "never started"])
async def test_a_campaign_goes_on(engine: Engine, ended: str) -> None:
    """Its row says that it runs, and nobody admitted its leads any more."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(2), steps=ONE_VISIT, max_concurrent_leads=1, lead_processing_delay=timedelta()
    )

    ended_run = ""
    async with engine.working():
        if ended != "never started":
            handle = await engine.start(campaign.id)
            await engine.until(lambda: len(engine.gateway.asked) == 1)
            ended_run = (await handle.describe()).run_id
            await {
                "terminated": handle.terminate,
                "cancelled": handle.cancel,
                "deleted": lambda: delete(engine, handle.id),
            }[ended]()
        await engine.until(lambda: runs_again(engine, campaign.id, ended_run=ended_run))
        del engine.gateway.comes["visit_profile"]
        first, *_ = await engine.all_leads(campaign.id)
        if ended != "never started":
            await engine.lead(first).cancel()
        again = engine.client.get_workflow_handle_for(
            CampaignContract.run, campaign_workflow_id(campaign.id)
        )
        result = await asyncio.wait_for(again.result(), 20)

    assert result.state == "completed"
    assert engine.dispatcher.types().count("CAMPAIGN_STARTED") == 1
    restart = (await engine.statuses.counts(campaign.id)).restart
    assert restart is not None
    told = {"cancelled": "canceled", "deleted": "missing", "never started": "missing"}
    assert restart.because == told.get(ended, ended)


@pytest.mark.lasts(seconds=10)
async def test_a_campaign_that_was_being_stopped_goes_on_to_its_end(engine: Engine) -> None:
    """As its row says: its leads are called off, not sent on; nobody is contacted any more."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(2), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 2)
        await handle.terminate()
        await engine.campaigns.stop(campaign.id, complete_current_executions=False)
        await engine.until(lambda: swept(engine, campaign.id, LeadState.STOPPED, 2))
        again = engine.client.get_workflow_handle_for(
            CampaignContract.run, campaign_workflow_id(campaign.id)
        )
        result = await asyncio.wait_for(again.result(), 20)

    assert result.state == "stopped"
    assert not engine.gateway.sent
    rows = await engine.all_leads(campaign.id)
    assert {row.reason for row in rows} == {"CAMPAIGN_STOPPED"}


@pytest.mark.lasts(seconds=10)
async def test_leads_end_with_their_true_reason(engine: Engine) -> None:
    """Customers hear of each, and the campaign completes; nobody's campaign was stopped."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        terminated, cancelled, deleted = await engine.all_leads(campaign.id)
        await engine.lead(terminated).terminate()
        await engine.lead(cancelled).cancel()
        await delete(engine, engine.lead(deleted).id)
        await engine.until(lambda: swept(engine, campaign.id, LeadState.STOPPED, 3))
        result = await asyncio.wait_for(handle.result(), 20)

    rows = await engine.all_leads(campaign.id)
    assert [row.reason for row in rows] == [
        "WORKFLOW_TERMINATED",
        "WORKFLOW_CANCELLED",
        "WORKFLOW_DELETED",
    ]
    for row in rows:
        assert not engine.gateway.queued(row.id)
        told = ["LEAD_STARTED", "STEP_COMPLETED", "LEAD_COMPLETED"]
        assert engine.dispatcher.types(row.id) == told
        step = engine.dispatcher.event("STEP_COMPLETED", lead_id=row.id, step_id="visit").step
        assert (step.state, step.reason) == ("skipped", row.reason)
    assert result.state == "completed"


@pytest.mark.lasts(seconds=10)
async def test_nobody_ends_because_temporal_knows_nobody(engine: Engine) -> None:
    """Another namespace, or data that are gone: most leads are missing, and none is ended."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(11), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 11)
        leads = await engine.all_leads(campaign.id)
        for lead in leads:
            await delete(engine, engine.lead(lead).id)
        for lead in leads:
            await engine.until(lambda lead=lead: unknown(engine, lead))
        await engine.sweep.sweep()

    assert await engine.count(campaign.id, LeadState.RUNNING) == 11


async def unknown(engine: Engine, lead: Lead) -> bool:
    try:
        await engine.lead(lead).describe()
    except RPCError:
        return True
    return False


async def test_leads_that_run_are_left_alone(engine: Engine) -> None:
    """However often it is compared: the same workflows run, and nobody is told anything."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        run_id = (await handle.describe()).run_id
        for _ in range(3):
            await engine.sweep.sweep()

        assert await engine.count(campaign.id, LeadState.RUNNING) == 3
        assert (await handle.describe()).run_id == run_id
    assert "LEAD_COMPLETED" not in {
        each
        for lead in await engine.all_leads(campaign.id)
        for each in engine.dispatcher.types(lead.id)
    }


def test_only_what_ended_from_outside_ends_a_row() -> None:
    """A workflow that runs, goes on as new or has completed leaves the row to itself."""
    kept = {status for status, reason in _GONE.items() if not reason}

    assert kept == {
        WorkflowExecutionStatus.RUNNING,
        WorkflowExecutionStatus.CONTINUED_AS_NEW,
        WorkflowExecutionStatus.COMPLETED,
    }
