"""Runs of workflows, and their events."""

from collections.abc import Iterable, Mapping

from campaigns.workflow.contracts import STOPPED_WITH_CAMPAIGN
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import workflow_pb2 as pb
from outreach.campaign.v1 import workflow_service_pb2 as service_pb
from servicekit.auth import current_principal
from servicekit.tables import total
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import (
    PendingActivityInfo,
    PendingWorkflowTaskInfo,
    WorkflowExecutionInfo,
)
from temporalio.client import WorkflowExecutionStatus

from campaign_api.clients.temporal_workflows import Asking
from campaign_api.errors import InvalidFields, invalid
from campaign_api.workflows.decoding import ToldFailure, told_failure
from campaign_api.workflows.deeds import Retried, WorkflowRetry
from campaign_api.workflows.exposure import Exposure
from campaign_api.workflows.names import WorkflowType, name_of
from campaign_api.workflows.queries import Described, HistoryPage, ToldEvent

_TYPES: Mapping[WorkflowType, pb.WorkflowType.ValueType] = total(
    WorkflowType,
    {
        WorkflowType.CAMPAIGN: pb.WORKFLOW_TYPE_CAMPAIGN,
        WorkflowType.LEAD: pb.WORKFLOW_TYPE_LEAD,
        WorkflowType.LATE_ANSWER: pb.WORKFLOW_TYPE_LATE_ANSWER,
        WorkflowType.DELIVERY: pb.WORKFLOW_TYPE_DELIVERY,
    },
)
_STATUSES: Mapping[WorkflowExecutionStatus, pb.WorkflowStatus.ValueType] = total(
    WorkflowExecutionStatus,
    {
        WorkflowExecutionStatus.RUNNING: pb.WORKFLOW_STATUS_RUNNING,
        WorkflowExecutionStatus.COMPLETED: pb.WORKFLOW_STATUS_COMPLETED,
        WorkflowExecutionStatus.FAILED: pb.WORKFLOW_STATUS_FAILED,
        WorkflowExecutionStatus.CANCELED: pb.WORKFLOW_STATUS_CANCELED,
        WorkflowExecutionStatus.TERMINATED: pb.WORKFLOW_STATUS_TERMINATED,
        WorkflowExecutionStatus.CONTINUED_AS_NEW: pb.WORKFLOW_STATUS_CONTINUED_AS_NEW,
        WorkflowExecutionStatus.TIMED_OUT: pb.WORKFLOW_STATUS_TIMED_OUT,
    },
)
_RETRIES: Mapping[WorkflowRetry, pb.WorkflowRetry.ValueType] = total(
    WorkflowRetry,
    {
        WorkflowRetry.SENT_ON: pb.WORKFLOW_RETRY_SENT_ON,
        WorkflowRetry.TRIED_NOW: pb.WORKFLOW_RETRY_TRIED_NOW,
    },
)
_ACTIVITY_STATES: Mapping[int, pb.PendingActivityState.ValueType] = {
    PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED: pb.PENDING_ACTIVITY_STATE_SCHEDULED,
    PendingActivityState.PENDING_ACTIVITY_STATE_STARTED: pb.PENDING_ACTIVITY_STATE_STARTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: (
        pb.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
    ),
    PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED: pb.PENDING_ACTIVITY_STATE_PAUSED,
    PendingActivityState.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED: pb.PENDING_ACTIVITY_STATE_PAUSED,
}


def asking_from_proto(
    request: service_pb.CancelWorkflowRequest
    | service_pb.TerminateWorkflowRequest
    | service_pb.RetryWorkflowRequest,
    *,
    reason: str = "",
) -> Asking:
    """Which run something is asked of, in the caller's name.

    Raises `InvalidFields` for the reason by which a lead knows that its campaign calls it off.
    """
    if reason.strip() == STOPPED_WITH_CAMPAIGN:
        raise InvalidFields([invalid("reason", "That is what a campaign says; say why you do.")])
    return Asking(
        workflow_id=request.workflow_id,
        run_id=request.run_id,
        by=current_principal(),
        request_id=request.request_id,
        reason=reason,
    )


def retried_to_proto(retried: Retried) -> service_pb.RetryWorkflowResponse:
    """A run that tries again."""
    return service_pb.RetryWorkflowResponse(
        workflow=workflow_to_proto(retried.run), retry=_RETRIES[retried.retry]
    )


def workflow_to_proto(info: WorkflowExecutionInfo) -> pb.Workflow:
    """A run as Temporal describes or lists it."""
    name = name_of(info.execution.workflow_id)
    return pb.Workflow(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        type=_type(info.type.name),
        status=_status(info.status),
        campaign_id=name.campaign_id,
        lead_id=name.lead_id,
        start_time=_instant(info, "start_time"),
        close_time=_instant(info, "close_time"),
        history_events=info.history_length,
        history_bytes=info.history_size_bytes,
        task_queue=info.task_queue,
    )


def described_to_proto(found: Described) -> service_pb.GetWorkflowResponse:
    """A run, with what it waits for."""
    answer, info = found.answer, found.answer.workflow_execution_info
    pending = answer.pending_workflow_task
    return service_pb.GetWorkflowResponse(
        workflow=workflow_to_proto(info),
        pending_activities=[_activity(each, found.exposure) for each in answer.pending_activities],
        pending_workflow_task=_task(pending) if answer.HasField("pending_workflow_task") else None,
        last_failure=failure_to_proto(found.last_failure),
        build_id=info.most_recent_worker_version_stamp.build_id or info.assigned_build_id,
        search_attributes=found.search_attributes,
        parent_workflow_id=info.parent_execution.workflow_id,
        parent_run_id=info.parent_execution.run_id,
        requested_by=found.requested_by,
        detail=_detail(found.exposure),
    )


def history_to_proto(page: HistoryPage) -> service_pb.GetWorkflowHistoryResponse:
    """A page of events."""
    return service_pb.GetWorkflowHistoryResponse(
        events=map(_event, page.events),
        next_page_token=page.next_page_token,
        run_id=page.run_id,
        detail=_detail(page.exposure),
    )


def workflows_to_proto(infos: Iterable[WorkflowExecutionInfo]) -> Iterable[pb.Workflow]:
    """Runs, in their order."""
    return map(workflow_to_proto, infos)


def failure_to_proto(failure: ToldFailure | None) -> pb.WorkflowFailure | None:
    """A failure; None is no field."""
    if failure is None:
        return None
    return pb.WorkflowFailure(
        type=failure.type,
        message=failure.message,
        places=failure.places,
        cause_types=failure.cause_types,
    )


def _event(told: ToldEvent) -> pb.WorkflowEvent:
    return pb.WorkflowEvent(
        event_id=told.event.event_id,
        event_time=told.event.event_time,
        type=told.type,
        attributes_json=told.attributes_json,
    )


def _activity(info: PendingActivityInfo, exposure: Exposure) -> pb.PendingActivity:
    failed = info.HasField("last_failure")
    return pb.PendingActivity(
        activity_id=info.activity_id,
        type=info.activity_type.name,
        state=pb.PENDING_ACTIVITY_STATE_PAUSED
        if info.paused
        else _ACTIVITY_STATES.get(info.state, pb.PENDING_ACTIVITY_STATE_UNSPECIFIED),
        attempt=info.attempt,
        schedule_time=_instant(info, "scheduled_time"),
        attempt_time=_instant(info, "last_started_time"),
        next_attempt_time=_instant(info, "next_attempt_schedule_time"),
        last_failure=failure_to_proto(told_failure(info.last_failure, exposure))
        if failed
        else None,
    )


def _task(info: PendingWorkflowTaskInfo) -> pb.PendingWorkflowTask:
    return pb.PendingWorkflowTask(
        attempt=info.attempt,
        schedule_time=_instant(info, "original_scheduled_time") or _instant(info, "scheduled_time"),
        attempt_time=_instant(info, "started_time"),
    )


def _type(name: str) -> pb.WorkflowType.ValueType:
    """What a type of another release is called is no mistake of the caller's."""
    known = {each.value: number for each, number in _TYPES.items()}
    return known.get(name, pb.WORKFLOW_TYPE_UNSPECIFIED)


def _status(number: int) -> pb.WorkflowStatus.ValueType:
    known = {each.value: status for each, status in _STATUSES.items()}
    return known.get(number, pb.WORKFLOW_STATUS_UNSPECIFIED)


def _detail(exposure: Exposure) -> pb.WorkflowDetail.ValueType:
    return pb.WORKFLOW_DETAIL_FULL if exposure.full else pb.WORKFLOW_DETAIL_MASKED


def _instant(message: Message, name: str) -> Timestamp | None:
    """A time that is set; Temporal tells some that never were as 1970."""
    found: Timestamp = getattr(message, name)
    return found if message.HasField(name) and found.seconds > 0 else None
