"""What people do to workflows at Temporal itself, recorded in the audit with who did it.

Who calls an RPC is recorded by the server of it. Whoever signals, cancels, terminates or resets a
workflow calls none: their name stands in the workflow's history alone, which does not last.
"""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaigns.errors import CampaignNotFound
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.workflow.contracts import STOPPED_WITH_CAMPAIGN
from identity.audit.record import Act, Outcome
from identity.audit.record_repository import RecordRepository
from servicekit.telemetry import logs
from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

_CLOSED = (
    "WorkflowType IN ('Campaign', 'Lead') AND ExecutionStatus IN ('Terminated', 'Canceled')"
    " AND CloseTime > '{since}'"
)
_MOST = 1_000
"""Workflows looked at in one sweep; the next one comes to the others."""
_OVERLAP = timedelta(minutes=3)
"""What is listed is a moment late."""
_TIMEOUT = timedelta(seconds=10)
_PAGE = 100
_LOOKED_AT = 300
"""Events before the end of a history among which the request to cancel is."""
_RESETTER = "history-resetter"
"""What Temporal calls itself when it ends a run because another follows it."""
_NAME = re.compile(r"[A-Za-z0-9_.:/@+-]{1,200}")

log = logs.get_logger(__name__)


@dataclass(frozen=True)
class OperatorAct:
    """One event of a history that somebody has caused."""

    name: str
    event_id: int
    identity: str
    """What Temporal's client calls itself: a process and a machine, or a person."""


class OperatorActs:
    """Reads histories, and writes a record for each act; the same act is recorded once."""

    def __init__(
        self, temporal: Client, campaigns: CampaignRepository, records: RecordRepository
    ) -> None:
        self._temporal = temporal
        self._campaigns = campaigns
        self._records = records
        self._since = datetime.now(UTC) - timedelta(hours=1)

    async def record_signal(self, signal: str) -> None:
        """Record the signal that the activity which runs now was scheduled for."""
        info = activity.info()
        if info.workflow_id is None or info.workflow_run_id is None:
            return
        history = self._backwards(info.workflow_id, info.workflow_run_id)
        found = await _signal_of(history, signal, info.activity_id, info.activity_type)
        if found is not None:
            await self._record(info.workflow_id, info.workflow_run_id, found)

    async def record_cancellation(self) -> None:
        """Record who asked the workflow that runs now to end, if somebody did."""
        info = activity.info()
        if info.workflow_id is None or info.workflow_run_id is None:
            return
        found = await _end_of(self._backwards(info.workflow_id, info.workflow_run_id))
        if found is not None:
            await self._record(info.workflow_id, info.workflow_run_id, found)

    async def sweep(self) -> None:
        """Record who ended or reset workflows since the sweep before."""
        now = datetime.now(UTC)
        query = _CLOSED.format(since=(self._since - _OVERLAP).isoformat())
        async for each in self._temporal.list_workflows(query, limit=_MOST):
            found = await _end_of(self._backwards(each.id, each.run_id))
            if found is not None:
                await self._record(each.id, each.run_id, found)
        self._since = now

    async def _record(self, workflow_id: str, run_id: str, act: OperatorAct) -> None:
        _, campaign_id, *lead_id = workflow_id.split("/")
        try:
            campaign = await self._campaigns.get(campaign_id)
        except CampaignNotFound:
            # Another installation's, in the same namespace.
            return
        record = Act(
            record_id=_record_id(run_id, act.event_id),
            organization_id=campaign.organization_id,
            service="outreach-worker",
            rpc=f"temporal/{act.name}",
            outcome=Outcome.DONE,
            code="OK",
            reason="",
            caller_kind="temporal",
            subject=_name(act.identity),
            actors=(),
            address="",
            resource=lead_id[0] if lead_id else campaign_id,
            request_id=run_id,
            trace_id="",
        )
        await self._records.append([record], again=True)
        log.info("operator_act_recorded", act=act.name, campaign_id=campaign_id)

    async def _backwards(self, workflow_id: str, run_id: str) -> AsyncIterator[HistoryEvent]:
        """The history of a run, the last event first."""
        token = b""
        while True:
            page = await self._temporal.workflow_service.get_workflow_execution_history_reverse(
                GetWorkflowExecutionHistoryReverseRequest(
                    namespace=self._temporal.namespace,
                    execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
                    maximum_page_size=_PAGE,
                    next_page_token=token,
                ),
                timeout=_TIMEOUT,
            )
            for event in page.history.events:
                yield event
            token = page.next_page_token
            if not token:
                return


async def _signal_of(
    history: AsyncIterator[HistoryEvent], signal: str, activity_id: str, activity_type: str
) -> OperatorAct | None:
    """The signal for which an activity was scheduled.

    A task hears all signals that came before it, in their order, and schedules as many activities:
    the last but one activity is of the last but one signal.
    """
    task, later = 0, 0
    scheduled: list[int] = []
    async for event in history:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            planned = event.activity_task_scheduled_event_attributes
            if planned.activity_type.name != activity_type or task:
                continue
            if planned.activity_id == activity_id:
                task = planned.workflow_task_completed_event_id
                later = scheduled.count(task)
            scheduled.append(planned.workflow_task_completed_event_id)
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            told = event.workflow_execution_signaled_event_attributes
            if not task or event.event_id > task or told.signal_name != signal:
                continue
            if later == 0:
                return OperatorAct(signal, event.event_id, told.identity)
            later -= 1
    return None


async def _end_of(history: AsyncIterator[HistoryEvent]) -> OperatorAct | None:
    """Who ended a run; None where it was the campaign that called its leads off."""
    looked_at = 0
    async for event in history:
        looked_at += 1
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
            ended = event.workflow_execution_terminated_event_attributes
            if ended.identity == _RESETTER:
                # Temporal does not keep who asked for a reset.
                return OperatorAct("WorkflowExecutionReset", event.event_id, "")
            return OperatorAct("WorkflowExecutionTerminated", event.event_id, ended.identity)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
            asked = event.workflow_execution_cancel_requested_event_attributes
            if asked.cause == STOPPED_WITH_CAMPAIGN:
                return None
            return OperatorAct("WorkflowExecutionCancelRequested", event.event_id, asked.identity)
        if looked_at >= _LOOKED_AT:
            return None
    return None


def _record_id(run_id: str, event_id: int) -> str:
    """The same of the same event, whoever finds it and however often."""
    return f"aud_{hashlib.sha256(f'{run_id}/{event_id}'.encode()).hexdigest()[:26]}"


def _name(identity: str) -> str:
    if _NAME.fullmatch(identity):
        return identity
    return f"sha256:{hashlib.sha256(identity.encode()).hexdigest()[:32]}" if identity else ""
