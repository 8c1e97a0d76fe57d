"""What somebody does to single runs, on a real Temporal."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from campaign_api.clients.temporal_workflows import TemporalWorkflows
from campaigns.models import LeadState
from campaigns.workflow.contracts import (
    PERFORM_STEP,
    TASK_QUEUE,
    CampaignContract,
    CampaignInput,
    LeadContract,
    lead_workflow_id,
)
from campaigns.workflow.contracts import STOPPED_WITH_CAMPAIGN as STOPPED
from devstack.stack.keys import Keys
from outreach.audit.v1 import audit_service_pb2
from outreach.audit.v1.audit_service_pb2_grpc import AuditServiceStub
from outreach.campaign.v1 import workflow_pb2
from outreach.campaign.v1 import workflow_service_pb2 as pb
from servicekit.errors import FailedPrecondition, InvalidArgument, NotFound
from servicekit.temporal.connection import TemporalUnavailable
from servicekit.temporal.worker import run_worker
from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.campaign_workflows import StandInLead, WaitingLead
from tests.integration.campaign_api.conftest import Api
from tests.integration.campaign_api.workflows.conftest import Walking, guarded, reply

WHY = "It cannot go on."
AN_HOUR = timedelta(hours=1)


@workflow.defn(name="Lead")
class BrokenLead:
    """A lead whose own code fails."""

    @workflow.run
    async def run(self) -> None:
        raise RuntimeError("Grace Hopper broke it")


async def named(walking: Walking, workflow_id: str, **more: Any) -> dict[str, Any]:
    """Names the latest run of a workflow."""
    asked = pb.GetWorkflowRequest(workflow_id=workflow_id)
    found = (await walking.api.stubs.workflows.GetWorkflow(asked)).workflow
    return {"request_id": "r1", "workflow_id": workflow_id, "run_id": found.run_id, **more}


async def test_who_has_ended_a_workflow_stands_in_its_history(walking: Walking, keys: Keys) -> None:
    """And in the audit; asked again it is told as it ended, and another run is not touched."""
    run = await named(walking, walking.lead, reason=WHY)
    token = keys.token(
        org=ORGANIZATION, sub="mem_ann", permissions=["workflows.control", "workflows.read"]
    )
    async with guarded(walking.api, keys) as ask:
        stubs = await ask(token)
        ended = await stubs.workflows.TerminateWorkflow(pb.TerminateWorkflowRequest(**run))
        again = await stubs.workflows.TerminateWorkflow(pb.TerminateWorkflowRequest(**run))

    assert ended.workflow.status == workflow_pb2.WORKFLOW_STATUS_TERMINATED
    assert again == ended
    history = await walking.handle(walking.lead).fetch_history()
    last = history.events[-1].workflow_execution_terminated_event_attributes
    assert (last.identity, last.reason) == ("mem_ann", WHY)
    records = await AuditServiceStub(walking.api.channel).ListRecords(
        audit_service_pb2.ListRecordsRequest(
            filter=audit_service_pb2.RecordFilter(rpc="TerminateWorkflow")
        )
    )
    assert {(each.subject, each.resource_id, each.request_id) for each in records.records} == {
        ("mem_ann", walking.lead, "r1")
    }
    with pytest.raises(FailedPrecondition) as refused:
        await walking.api.stubs.workflows.CancelWorkflow(pb.CancelWorkflowRequest(**run))
    assert refused.value.reason == "WORKFLOW_NOT_RUNNING"
    assert refused.value.metadata["status"] == "TERMINATED"


async def test_a_workflow_is_asked_to_end(walking: Walking) -> None:
    """Once, however often it is asked; the reason stands in its history."""
    run = await named(walking, walking.campaign, reason=WHY)
    stubs = walking.api.stubs.workflows
    for _ in range(2):
        await stubs.CancelWorkflow(pb.CancelWorkflowRequest(**run))
    run["request_id"] = "r2"
    handle = walking.handle(walking.campaign)
    async with asyncio.timeout(20):
        while (await handle.describe()).status is not WorkflowExecutionStatus.CANCELED:
            continue

    told = await stubs.CancelWorkflow(pb.CancelWorkflowRequest(**run))
    assert told.workflow.status == workflow_pb2.WORKFLOW_STATUS_CANCELED
    requested = [
        each.workflow_execution_cancel_requested_event_attributes.cause
        for each in (await handle.fetch_history()).events
        if each.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
    ]
    assert requested == [WHY]


async def test_a_run_that_follows_another_is_not_ended_by_a_repeat(walking: Walking) -> None:
    """A campaign that was started again meanwhile goes on."""
    run = await named(walking, walking.campaign, reason=WHY)
    stubs = walking.api.stubs
    await stubs.workflows.TerminateWorkflow(pb.TerminateWorkflowRequest(**run))
    campaign = await walking.api.campaigns.get(walking.campaign_id)
    from_the_row = await start_again(walking, campaign.id)

    # As one whose answer was never kept.
    run["request_id"] = "r2"
    await stubs.workflows.TerminateWorkflow(pb.TerminateWorkflowRequest(**run))

    described = await named(walking, walking.campaign)
    assert described["run_id"] == from_the_row != run["run_id"]
    status = (await walking.handle(walking.campaign).describe()).status
    assert status is WorkflowExecutionStatus.RUNNING


async def start_again(walking: Walking, campaign_id: str) -> str:
    """As the worker's sweep does; returns the run."""
    assert walking.api.temporal is not None
    handle = await walking.api.temporal.start_workflow(
        CampaignContract.run,
        CampaignInput(campaign_id=campaign_id),
        id=walking.campaign,
        task_queue=TASK_QUEUE,
    )
    return str(handle.first_execution_run_id)


async def test_what_nobody_would_put_in_order_is_not_ended(walking: Walking) -> None:
    """Neither late answers nor what has no reason."""
    assert walking.api.temporal is not None
    workflow_id = f"answer/{walking.campaign_id}/{walking.lead_id}/in_9"
    await walking.api.temporal.start_workflow("LateAnswer", id=workflow_id, task_queue="nobody")
    stubs = walking.api.stubs.workflows
    run = await named(walking, workflow_id, reason=WHY)
    with pytest.raises(InvalidArgument):
        await stubs.TerminateWorkflow(pb.TerminateWorkflowRequest(**{**run, "reason": "  "}))
    with pytest.raises(InvalidArgument):
        # By which a lead would tell that its campaign was stopped.
        await stubs.CancelWorkflow(pb.CancelWorkflowRequest(**{**run, "reason": STOPPED}))
    with pytest.raises(InvalidArgument):
        await stubs.CancelWorkflow(pb.CancelWorkflowRequest(**{**run, "run_id": ""}))
    with pytest.raises(FailedPrecondition) as refused:
        await stubs.TerminateWorkflow(pb.TerminateWorkflowRequest(**run))
    assert refused.value.reason == "WORKFLOW_NOT_STOPPABLE"
    with pytest.raises(NotFound):
        await stubs.RetryWorkflow(
            pb.RetryWorkflowRequest(request_id="r", workflow_id=workflow_id, run_id="another")
        )


async def test_a_parked_lead_is_sent_on(walking: Walking) -> None:
    """As by RetryLead: its workflow is told, and its row says that it walks; then nothing fails."""
    await walking.api.park(walking.campaign_id, walking.lead_id)
    run = await named(walking, walking.lead)
    stubs = walking.api.stubs.workflows

    told = await stubs.RetryWorkflow(pb.RetryWorkflowRequest(**run))

    assert told.retry == workflow_pb2.WORKFLOW_RETRY_SENT_ON
    lead = await walking.api.leads.get(walking.campaign_id, walking.lead_id)
    assert lead.state is LeadState.RUNNING
    heard = await walking.handle(walking.lead).query(StandInLead.told)
    assert [each.signal for each in heard] == ["retry"]
    run["request_id"] = "r2"
    with pytest.raises(FailedPrecondition) as refused:
        await stubs.RetryWorkflow(pb.RetryWorkflowRequest(**run))
    assert refused.value.reason == "WORKFLOW_NOT_FAILING"
    await walking.handle(walking.lead).signal(LeadContract.reply_received, reply())
    await walking.handle(walking.lead).result()
    with pytest.raises(FailedPrecondition) as refused:
        await stubs.RetryWorkflow(pb.RetryWorkflowRequest(**run))
    assert refused.value.reason == "WORKFLOW_NOT_RUNNING"


async def test_who_lost_the_answer_of_a_retry_is_told_it_again(
    walking: Walking, keys: Keys
) -> None:
    """It was refused: what had been done left nothing to be done."""
    await walking.api.park(walking.campaign_id, walking.lead_id)
    run = pb.RetryWorkflowRequest(**await named(walking, walking.lead))
    token = keys.token(org=ORGANIZATION, sub="mem_ann", permissions=["workflows.control"])
    async with guarded(walking.api, keys) as ask:
        stubs = await ask(token)
        told = await stubs.workflows.RetryWorkflow(run)
        again = await stubs.workflows.RetryWorkflow(run)
        run.request_id = "r2"
        with pytest.raises(FailedPrecondition) as refused:
            await stubs.workflows.RetryWorkflow(run)

    assert told.retry == workflow_pb2.WORKFLOW_RETRY_SENT_ON
    assert again == told
    assert refused.value.reason == "WORKFLOW_NOT_FAILING"
    heard = await walking.handle(walking.lead).query(StandInLead.told)
    assert [each.signal for each in heard] == ["retry"]


async def test_a_retry_whose_server_died_behind_it_is_told_as_done(
    walking: Walking, keys: Keys
) -> None:
    """Its answer was never kept, and the same request again was refused: nothing was failing."""
    await walking.api.park(walking.campaign_id, walking.lead_id)
    run = pb.RetryWorkflowRequest(**await named(walking, walking.lead))
    token = keys.token(org=ORGANIZATION, sub="mem_ann", permissions=["workflows.control"])
    async with guarded(walking.api, keys) as ask:
        stubs = await ask(token)
        told = await stubs.workflows.RetryWorkflow(run)
        await walking.api.pool.execute(
            "UPDATE request_answers SET answer = NULL, served_until = now()"
        )
        again = await stubs.workflows.RetryWorkflow(run)
        run.request_id = "r2"
        with pytest.raises(FailedPrecondition):
            await stubs.workflows.RetryWorkflow(run)

    assert again.retry == told.retry
    assert again.workflow.run_id == told.workflow.run_id
    heard = await walking.handle(walking.lead).query(StandInLead.told)
    assert [each.signal for each in heard] == ["retry"]


async def test_what_was_done_is_told_also_where_nothing_more_is(
    walking: Walking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporal went away behind what it was asked, and the answer was that it had not been."""
    run = await named(walking, walking.campaign, reason=WHY)
    described, asked = TemporalWorkflows.describe, 0

    async def describe_once(*args: Any) -> DescribeWorkflowExecutionResponse:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise TemporalUnavailable(metadata={"dependency": "temporal"})
        return await described(*args)

    monkeypatch.setattr(TemporalWorkflows, "describe", describe_once)
    told = await walking.api.stubs.workflows.TerminateWorkflow(pb.TerminateWorkflowRequest(**run))

    assert told.workflow.run_id == run["run_id"]
    assert told.workflow.status == workflow_pb2.WORKFLOW_STATUS_RUNNING
    status = (await walking.handle(walking.campaign).describe()).status
    assert status is WorkflowExecutionStatus.TERMINATED


@pytest.mark.parametrize("names", [("", ""), ("r1", "r2")], ids=["unnamed", "named anew"])
async def test_a_run_that_was_asked_to_end_is_asked_again(
    walking: Walking, names: tuple[str, str]
) -> None:
    """By another request, while no worker has it: once is enough, and no refusal."""
    client = walking.api.temporal
    assert client is not None
    ((_, _first), (_, second)) = await walking.api.leads.page(walking.campaign_id, limit=2)
    workflow_id = lead_workflow_id(walking.campaign_id, second.id)
    handle = await client.start_workflow("Lead", id=workflow_id, task_queue="nobody")
    run = await named(walking, workflow_id, reason=WHY)
    for request_id in names:
        told = await walking.api.stubs.workflows.CancelWorkflow(
            pb.CancelWorkflowRequest(**{**run, "request_id": request_id})
        )
        assert told.workflow.status == workflow_pb2.WORKFLOW_STATUS_RUNNING

    requested = [
        each
        for each in (await handle.fetch_history()).events
        if each.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
    ]
    assert len(requested) == 1


async def test_what_waits_for_another_attempt_is_tried_now(walking: Walking) -> None:
    """And what the attempt before failed with is told until then, masked."""
    refused_once, client = asyncio.Event(), walking.api.temporal
    assert client is not None

    @activity.defn(name=PERFORM_STEP)
    async def perform() -> None:
        if not refused_once.is_set():
            refused_once.set()
            raise ApplicationError(
                "Grace Hopper is not there.", type="Odd", next_retry_delay=AN_HOUR
            )

    ((_, _first), (_, second)) = await walking.api.leads.page(walking.campaign_id, limit=2)
    workflow_id = lead_workflow_id(walking.campaign_id, second.id)
    async with (
        asyncio.timeout(30),
        run_worker(
            client,
            "failing-leads",
            workflows=[WaitingLead],
            activities=[perform],
            workflow_runner=UnsandboxedWorkflowRunner(),
            pollers=2,
        ),
    ):
        handle = await client.start_workflow(
            WaitingLead.run, id=workflow_id, task_queue="failing-leads"
        )
        pending = await _backing_off(walking.api, workflow_id)
        run = await named(walking, workflow_id)
        told = await walking.api.stubs.workflows.RetryWorkflow(pb.RetryWorkflowRequest(**run))
        await handle.result()

    assert told.retry == workflow_pb2.WORKFLOW_RETRY_TRIED_NOW
    assert (pending.type, pending.attempt) == (PERFORM_STEP, 2)
    assert pending.HasField("next_attempt_time")
    assert (pending.last_failure.type, pending.last_failure.message) == ("Odd", "[masked]")
    assert any("perform" in place for place in pending.last_failure.places)


async def test_a_workflow_whose_own_code_fails_is_left_to_temporal(walking: Walking) -> None:
    """What fails and where is told; there is nothing to be retried before it is mended."""
    client = walking.api.temporal
    assert client is not None
    ((_, _first), (_, second)) = await walking.api.leads.page(walking.campaign_id, limit=2)
    workflow_id = lead_workflow_id(walking.campaign_id, second.id)
    asked = pb.GetWorkflowRequest(workflow_id=workflow_id)
    async with (
        asyncio.timeout(60),
        run_worker(
            client,
            "broken-leads",
            workflows=[BrokenLead],
            workflow_runner=UnsandboxedWorkflowRunner(),
            pollers=2,
        ),
    ):
        await client.start_workflow(BrokenLead.run, id=workflow_id, task_queue="broken-leads")
        while True:
            answer = await walking.api.stubs.workflows.GetWorkflow(asked)
            if answer.pending_workflow_task.attempt > 1:
                break
        with pytest.raises(FailedPrecondition) as refused:
            await walking.api.stubs.workflows.RetryWorkflow(
                pb.RetryWorkflowRequest(**await named(walking, workflow_id))
            )

    assert refused.value.reason == "WORKFLOW_TASK_FAILING"
    failed = answer.last_failure
    assert (failed.type, failed.message) == ("RuntimeError", "[masked]")
    assert any("test_deeds.py" in place for place in failed.places)


async def _backing_off(api: Api, workflow_id: str) -> workflow_pb2.PendingActivity:
    """The activity, once Temporal keeps it for its next attempt."""
    while True:
        asked = pb.GetWorkflowRequest(workflow_id=workflow_id)
        answer = await api.stubs.workflows.GetWorkflow(asked)
        for each in answer.pending_activities:
            if each.attempt > 1 and each.HasField("last_failure"):
                return each
