"""What people do to workflows at Temporal stands in the audit, with who did it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from campaigns.models import Campaign
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import campaign_workflow_id, lead_workflow_id
from servicekit.ids import new_id
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import (
    RequestCancelWorkflowExecutionRequest,
    ResetWorkflowExecutionRequest,
    SignalWorkflowExecutionRequest,
    TerminateWorkflowExecutionRequest,
)

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import Engine, people

NEVER = not_yet("WAITING_FOR_HOURS", retry_after=timedelta(days=4000))
ONE_VISIT = (Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),)
ADA, BEN = "temporal-cli:ada@laptop", "temporal-cli:ben@desk"
RECORDED = """
    SELECT rpc, subject, resource, organization_id, caller_kind FROM audit_records
     ORDER BY recorded_at, record_id
"""


async def signal(engine: Engine, campaign: Campaign, name: str, by: str) -> None:
    await engine.client.workflow_service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=engine.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=campaign_workflow_id(campaign.id)),
            signal_name=name,
            identity=by,
            request_id=new_id("req"),
        )
    )


async def terminate(engine: Engine, execution: WorkflowExecution) -> None:
    await engine.client.workflow_service.terminate_workflow_execution(
        TerminateWorkflowExecutionRequest(
            namespace=engine.client.namespace, workflow_execution=execution, identity=ADA
        )
    )


async def cancel(engine: Engine, execution: WorkflowExecution) -> None:
    await engine.client.workflow_service.request_cancel_workflow_execution(
        RequestCancelWorkflowExecutionRequest(
            namespace=engine.client.namespace,
            workflow_execution=execution,
            identity=ADA,
            request_id=new_id("req"),
        )
    )


async def reset(engine: Engine, execution: WorkflowExecution) -> None:
    handle = engine.client.get_workflow_handle(execution.workflow_id)
    tasks = [
        each.event_id
        async for each in handle.fetch_history_events()
        if each.HasField("workflow_task_completed_event_attributes")
    ]
    await engine.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=engine.client.namespace,
            workflow_execution=execution,
            reason="a second try",
            workflow_task_finish_event_id=tasks[0],
            request_id=new_id("req"),
            identity=ADA,
        )
    )


async def running(engine: Engine) -> Campaign:
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(1), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )
    await engine.start(campaign.id)
    await engine.until(lambda: engine.gateway.asked)
    return campaign


async def recorded(engine: Engine, acts: int) -> list[Any]:
    async def enough() -> bool:
        return len(await engine.pool.fetch(RECORDED)) >= acts

    await engine.until(enough)
    return [tuple(row) for row in await engine.pool.fetch(RECORDED)]


async def test_who_signalled_is_recorded(engine: Engine) -> None:
    """Two who say the same at the same time are told apart, and each is recorded once."""
    campaign = await running_when_signalled(engine)

    async with engine.working():
        found = await recorded(engine, 3)

    assert sorted(found) == sorted(
        (f"temporal/{name}", by, campaign.id, "org_north", "temporal")
        for name, by in (
            ("pauseCampaign", ADA),
            ("pauseCampaign", BEN),
            ("resumeCampaign", BEN),
        )
    )


async def running_when_signalled(engine: Engine) -> Campaign:
    """A campaign that hears all of it in one task, because nobody was there to hear it before."""
    async with engine.working():
        campaign = await running(engine)
    for name, by in (("pauseCampaign", ADA), ("pauseCampaign", BEN), ("resumeCampaign", BEN)):
        await signal(engine, campaign, name, by)
    return campaign


@pytest.mark.parametrize(
    ("does", "told", "by"),
    [
        (terminate, "WorkflowExecutionTerminated", ADA),
        (cancel, "WorkflowExecutionCancelRequested", ADA),
        # Temporal does not keep who asked for it.
        (reset, "WorkflowExecutionReset", ""),
    ],
)
async def test_who_ended_a_lead_at_temporal_is_recorded(
    engine: Engine,
    does: Callable[[Engine, WorkflowExecution], Awaitable[None]],
    told: str,
    by: str,
) -> None:
    """By the lead itself or by the sweep; sweeping again records nothing more."""
    async with engine.working():
        campaign = await running(engine)
        (lead,) = await engine.all_leads(campaign.id)
        await does(engine, WorkflowExecution(workflow_id=lead_workflow_id(campaign.id, lead.id)))

        async def swept() -> bool:
            await engine.sweep.sweep()
            return bool(await engine.pool.fetch(RECORDED))

        await engine.until(swept, within=60)
        await engine.sweep.sweep()
        found = await recorded(engine, 1)

    assert found == [(f"temporal/{told}", by, lead.id, "org_north", "temporal")]


async def test_who_ended_a_campaign_at_temporal_is_recorded(engine: Engine) -> None:
    """It goes on, by the sweep; who had ended it is told all the same."""
    async with engine.working():
        campaign = await running(engine)
        execution = WorkflowExecution(workflow_id=campaign_workflow_id(campaign.id))
        await terminate(engine, execution)

        async def swept() -> bool:
            await engine.sweep.sweep()
            return bool(await engine.pool.fetch(RECORDED))

        await engine.until(swept, within=60)
        found = await recorded(engine, 1)

    assert found == [
        ("temporal/WorkflowExecutionTerminated", ADA, campaign.id, "org_north", "temporal")
    ]


async def test_what_the_campaign_calls_off_is_nobodys_act(engine: Engine) -> None:
    """Leads that a stop ends are cancelled by us: who stopped it is recorded, once."""
    async with engine.working():
        campaign = await running(engine)
        await signal(engine, campaign, "stopCampaign", BEN)
        found = await recorded(engine, 1)
        handle = engine.client.get_workflow_handle(campaign_workflow_id(campaign.id))
        await handle.result()
        await engine.sweep.sweep()

    assert found == [("temporal/stopCampaign", BEN, campaign.id, "org_north", "temporal")]
    assert len(await engine.pool.fetch(RECORDED)) == 1
