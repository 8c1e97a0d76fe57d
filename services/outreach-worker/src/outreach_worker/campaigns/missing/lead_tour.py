"""Compares the leads that run with their workflows, a stretch at a time, round after round."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from campaigns.repositories.witness_repository import StartedLead, Witness, WitnessRepository
from campaigns.workflow.contracts import (
    WORKFLOW_CANCELLED,
    campaign_workflow_id,
    lead_workflow_id,
)
from servicekit.tables import total
from servicekit.telemetry import logs
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus

from outreach_worker.campaigns.gone_workflows import WORKFLOW_DELETED, WORKFLOW_FAILED
from outreach_worker.campaigns.missing.executions import described, running
from outreach_worker.campaigns.missing.witnesses import Witnesses
from outreach_worker.metrics import Metrics

WORKFLOW_TERMINATED = "WORKFLOW_TERMINATED"
GONE = total(
    WorkflowExecutionStatus,
    {
        WorkflowExecutionStatus.RUNNING: "",
        WorkflowExecutionStatus.CONTINUED_AS_NEW: "",
        # It has said itself how it ended.
        WorkflowExecutionStatus.COMPLETED: "",
        WorkflowExecutionStatus.FAILED: WORKFLOW_FAILED,
        WorkflowExecutionStatus.TIMED_OUT: WORKFLOW_FAILED,
        WorkflowExecutionStatus.CANCELED: WORKFLOW_CANCELLED,
        WorkflowExecutionStatus.TERMINATED: WORKFLOW_TERMINATED,
    },
)
"""Why a lead ends whose workflow has come to this; empty if it does not."""
MOST_LEADS = 1_000
"""Rows compared in one sweep; the next goes on there."""
_PAGE = 100
"""Workflows asked for in one query."""

End = Callable[[str, str, str], Awaitable[None]]
"""Ends a lead of a campaign with a reason."""
Complete = Callable[[str, str], Awaitable[None]]
"""Ends a lead of a campaign as its workflow has."""
log = logs.get_logger(__name__)


@dataclass(kw_only=True)
class _Found:
    """What Temporal knows of the leads of a page."""

    begun_at: dict[str, datetime] = field(default_factory=dict)
    """Of those that run, if they were asked for."""
    ended: dict[str, str] = field(default_factory=dict)
    """The reason with which each ends."""
    completed: list[str] = field(default_factory=list)
    missing: list[StartedLead] = field(default_factory=list)


class LeadTour:
    """Ends who was deleted, and nobody whom Temporal may have lost: those stay, and are counted.

    Of a lead that is missing its row knows whether it was seen beside a witness. If that is there
    still, and the campaign's workflow is the one of then, Temporal has lost nothing.
    """

    def __init__(
        self,
        temporal: Client,
        rows: WitnessRepository,
        witnesses: Witnesses,
        *,
        metrics: Metrics,
    ) -> None:
        self._temporal = temporal
        self._rows = rows
        self._witnesses = witnesses
        self._metrics = metrics
        self._campaign_id, self._position = "", -1
        self._alone, self._alone_before = set[str](), 0
        """Who was left alone in this round, and how many were in the one before."""

    async def go_on(self, campaign_ids: Sequence[str], *, end: End, complete: Complete) -> None:
        """Compare a stretch, from where the one before came to.

        Raises the client's `RPCError` if Temporal is away.
        """
        left = MOST_LEADS
        witness = await self._witnesses.current()
        for campaign_id in campaign_ids:
            if campaign_id < self._campaign_id:
                continue
            if campaign_id > self._campaign_id:
                self._campaign_id, self._position = campaign_id, -1
            while left > 0 and (page := await self._page(campaign_id, min(_PAGE, left))):
                found, witness = await self._compare(campaign_id, page, witness)
                await self._settle(campaign_id, found, witness, end=end, complete=complete)
                left, self._position = left - len(page), page[-1].position
            if left <= 0:
                self._count(ended=False)
                return
        self._campaign_id, self._position = "", -1
        self._count(ended=True)

    def _count(self, *, ended: bool) -> None:
        """Have people told of who is left alone: by the round, not by a stretch of it."""
        alone = len(self._alone)
        if alone:
            log.error("workflows_missing", leads=alone)
        self._metrics.leads_without_workflow.set(alone if ended else max(alone, self._alone_before))
        if ended:
            self._alone, self._alone_before = set(), alone

    async def _page(self, campaign_id: str, limit: int) -> Sequence[StartedLead]:
        return await self._rows.started_leads(
            campaign_id,
            namespace=self._temporal.namespace,
            after=self._position,
            limit=limit,
        )

    async def _compare(
        self, campaign_id: str, page: Sequence[StartedLead], witness: Witness
    ) -> tuple[_Found, Witness]:
        """What is known of them, kept of whom it can be; and the witness that is the last then."""
        found = await self._look(campaign_id, page)
        unseen = {each.lead_id for each in page if not each.vouched} & found.begun_at.keys()
        if any(found.begun_at[each] > witness.begun_at for each in unseen):
            witness = await self._witnesses.renewed(witness)
            # Looked at anew: who is seen beside it is there after it has begun.
            found = await self._look(campaign_id, page)
        begun = found.begun_at
        if seen := [each for each in unseen if each in begun and begun[each] <= witness.begun_at]:
            namespace = self._temporal.namespace
            await self._rows.see(seen, namespace=namespace, at=page[0].read_at)
        return found, witness

    async def _settle(
        self, campaign_id: str, found: _Found, witness: Witness, *, end: End, complete: Complete
    ) -> None:
        """End whose workflow has ended, or was deleted."""
        for lead_id in found.completed:
            await complete(campaign_id, lead_id)
        for lead_id, reason in found.ended.items():
            await end(campaign_id, lead_id, reason)
        deleted = await self._deleted(campaign_id, found.missing, witness)
        for each in found.missing:
            if each in deleted:
                await end(campaign_id, each.lead_id, WORKFLOW_DELETED)
            else:
                self._alone.add(each.lead_id)

    async def _look(self, campaign_id: str, page: Sequence[StartedLead]) -> _Found:
        """Who is not listed, or was never seen, is asked for: lists are late, or of another day."""
        ids = {lead_workflow_id(campaign_id, each.lead_id): each for each in page}
        vouched = [each for each, lead in ids.items() if lead.vouched]
        listed = await running(self._temporal, vouched) if vouched else {}
        found = _Found()
        for workflow_id, lead in ids.items():
            if workflow_id in listed:
                continue
            execution = await described(self._temporal, workflow_id)
            if execution is None:
                found.missing.append(lead)
            elif reason := gone_with(execution):
                found.ended[lead.lead_id] = reason
            else:
                found.begun_at[lead.lead_id] = execution.start_time
                if execution.status is WorkflowExecutionStatus.COMPLETED:
                    found.completed.append(lead.lead_id)
        return found

    async def _deleted(
        self, campaign_id: str, missing: Sequence[StartedLead], witness: Witness
    ) -> Sequence[StartedLead]:
        """Those of the missing of whom it is certain that somebody has deleted them.

        Asked after they were missed: whoever lost them has lost more than these by now.
        """
        vouched = [each for each in missing if each.vouched]
        if not vouched or not await self._witnesses.vouch(witness):
            return []
        since = await self._campaign_runs_since(campaign_id)
        deleted = [each for each in vouched if each.seen_at and since and each.seen_at > since]
        if len(deleted) < len(vouched):
            # Whoever is there is seen anew in the next round.
            await self._rows.doubt(campaign_id)
        return deleted

    async def _campaign_runs_since(self, campaign_id: str) -> datetime | None:
        """When its workflow began, however often it went on as new since; None if it is missing."""
        workflow_id = campaign_workflow_id(campaign_id)
        execution = await described(self._temporal, workflow_id)
        if execution is None:
            return None
        first_run_id = execution.raw_description.workflow_execution_info.first_run_id
        if first_run_id in ("", execution.run_id):
            return execution.start_time
        first = await described(self._temporal, workflow_id, run_id=first_run_id)
        # So long ago that it is kept no more.
        return first.start_time if first else datetime.min.replace(tzinfo=UTC)


def gone_with(execution: WorkflowExecutionDescription) -> str:
    """The reason with which the lead of a workflow ends; empty if it does not."""
    statuses: Mapping[WorkflowExecutionStatus, str] = GONE
    return statuses[execution.status] if execution.status else ""
