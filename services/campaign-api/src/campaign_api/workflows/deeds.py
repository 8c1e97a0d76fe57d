"""What somebody does to single runs: ask one to end, end it, have it try again."""

from dataclasses import dataclass
from enum import StrEnum

from campaigns.errors import LeadNotFound
from campaigns.models import LeadState
from campaigns.parking import ParkedBecause
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.errors import ServiceError
from servicekit.request_ids.repeats import begun_before
from servicekit.telemetry import logs
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from campaign_api.clients.temporal_workflows import Asking, TemporalWorkflows
from campaign_api.commands.lead_control import LeadRetry
from campaign_api.errors import (
    WorkflowNotFailing,
    WorkflowNotFound,
    WorkflowNotRunning,
    WorkflowNotStoppable,
    WorkflowTaskFailing,
)
from campaign_api.workflows.access import WorkflowAccess
from campaign_api.workflows.names import WorkflowType, name_of

_STOPPABLE = {WorkflowType.CAMPAIGN.value, WorkflowType.LEAD.value}
_RUNNING = WorkflowExecutionStatus.RUNNING

log = logs.get_logger(__name__)


class WorkflowRetry(StrEnum):
    """How a run was had to try again."""

    SENT_ON = "sent_on"
    TRIED_NOW = "tried_now"


@dataclass(frozen=True, kw_only=True)
class Retried:
    """The run, and what was done."""

    run: WorkflowExecutionInfo
    retry: WorkflowRetry


class WorkflowDeeds:
    """The run is always named: what was started again meanwhile is another one."""

    def __init__(
        self,
        temporal: TemporalWorkflows,
        access: WorkflowAccess,
        *,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        lead_retry: LeadRetry,
    ) -> None:
        self._temporal = temporal
        self._access = access
        self._campaigns = campaigns
        self._leads = leads
        self._lead_retry = lead_retry

    async def cancel(self, asked: Asking) -> WorkflowExecutionInfo:
        """The run, which was asked to end, or has ended so.

        Raises `WorkflowNotFound`, `WorkflowNotRunning`, `WorkflowNotStoppable`, and
        `TemporalUnavailable`.
        """
        before = await self._stoppable(asked, unless=WorkflowExecutionStatus.CANCELED)
        if _status(before) is not _RUNNING:
            return before
        try:
            await self._temporal.cancel(asked)
        except WorkflowNotFound:
            # It has ended in the meantime.
            return await self._stoppable(asked, unless=WorkflowExecutionStatus.CANCELED)
        log.info("workflow_cancelled", workflow_id=asked.workflow_id, run_id=asked.run_id)
        return await self._afterwards(asked, before)

    async def terminate(self, asked: Asking) -> WorkflowExecutionInfo:
        """The run, which has ended. Raises as `cancel`: `WorkflowNotFound` and so on."""
        before = await self._stoppable(asked, unless=WorkflowExecutionStatus.TERMINATED)
        if _status(before) is not _RUNNING:
            return before
        try:
            await self._temporal.terminate(asked)
        except WorkflowNotFound:
            return await self._stoppable(asked, unless=WorkflowExecutionStatus.TERMINATED)
        log.info("workflow_terminated", workflow_id=asked.workflow_id, run_id=asked.run_id)
        return await self._afterwards(asked, before)

    async def retry(self, asked: Asking) -> Retried:
        """The run, which tries again what failed.

        Raises `WorkflowNotFound`, `WorkflowNotRunning`, `WorkflowTaskFailing` if it is its own code
        that fails, `WorkflowNotFailing` if nothing waits for another attempt, and
        `TemporalUnavailable`. Where nothing waits because a call that broke off has done it, it is
        answered as done.
        """
        described = await self._described(asked)
        info = described.workflow_execution_info
        if _status(info) is not _RUNNING:
            raise _ended(info)
        if described.pending_workflow_task.attempt > 1:
            raise WorkflowTaskFailing
        if await self._sent_on(asked.workflow_id):
            how = WorkflowRetry.SENT_ON
        elif await self._tried_now(asked, described):
            how = WorkflowRetry.TRIED_NOW
        elif begun_before():
            return Retried(run=info, retry=_done_before(asked.workflow_id, described))
        else:
            raise WorkflowNotFailing
        log.info("workflow_retried", workflow_id=asked.workflow_id, how=how)
        return Retried(run=await self._afterwards(asked, info), retry=how)

    async def _sent_on(self, workflow_id: str) -> bool:
        """Whether it is of a lead that a bug has parked, which goes on now."""
        name = name_of(workflow_id)
        if not name.lead_id:
            return False
        try:
            lead = await self._leads.get(name.campaign_id, name.lead_id)
        except LeadNotFound:
            return False
        if lead.state is not LeadState.PARKED or not ParkedBecause(lead.reason).sent_on_by_hand:
            return False
        campaign = await self._campaigns.get(name.campaign_id)
        await self._lead_retry.retry(campaign, lead.id)
        return True

    async def _tried_now(self, asked: Asking, run: DescribeWorkflowExecutionResponse) -> bool:
        """Whether something waited for another attempt, which is due now."""
        waiting = [
            each.activity_id
            for each in run.pending_activities
            if each.attempt > 1 and each.HasField("next_attempt_schedule_time")
        ]
        tried = 0
        for activity_id in waiting:
            try:
                await self._temporal.try_now(asked, activity_id)
            except WorkflowNotFound:
                # It has ended in the meantime.
                continue
            tried += 1
        return tried > 0

    async def _stoppable(
        self, asked: Asking, *, unless: WorkflowExecutionStatus
    ) -> WorkflowExecutionInfo:
        """The run, which goes on, or has ended as it is to end."""
        info = (await self._described(asked)).workflow_execution_info
        if info.type.name not in _STOPPABLE:
            raise WorkflowNotStoppable
        if _status(info) not in (_RUNNING, unless):
            raise _ended(info)
        return info

    async def _afterwards(
        self, asked: Asking, before: WorkflowExecutionInfo
    ) -> WorkflowExecutionInfo:
        """The run as it is now that it is done; as it was `before` where that is not told."""
        try:
            return (await self._described(asked)).workflow_execution_info
        except (ServiceError, RPCError) as error:
            log.warning("workflow_not_described", workflow_id=asked.workflow_id, error=repr(error))
            return before

    async def _described(self, asked: Asking) -> DescribeWorkflowExecutionResponse:
        await self._access.exposure(asked.workflow_id, asked.run_id)
        return await self._temporal.describe(asked.workflow_id, asked.run_id)


def _done_before(workflow_id: str, run: DescribeWorkflowExecutionResponse) -> WorkflowRetry:
    """How somebody had it try again, by what it does now: what is sent on begins with nothing."""
    sent_on = name_of(workflow_id).lead_id and not run.pending_activities
    return WorkflowRetry.SENT_ON if sent_on else WorkflowRetry.TRIED_NOW


def _status(info: WorkflowExecutionInfo) -> WorkflowExecutionStatus | None:
    """None for one of another release."""
    known = {each.value: each for each in WorkflowExecutionStatus}
    return known.get(info.status)


def _ended(info: WorkflowExecutionInfo) -> WorkflowNotRunning:
    status = _status(info)
    told = status.name if status else "not running"
    return WorkflowNotRunning(f"The run is {told}.", metadata={"status": told})
