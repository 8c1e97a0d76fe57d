"""Leads whose workflow's tasks fail because of us, marked and unmarked; what is parked, counted.

Such a workflow can tell nothing itself: Temporal tries its task again and again, and it goes on by
itself once the code is mended. Visibility names it after some five failures, within a minute.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

from campaigns.parking import ParkedBecause
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.workflow.contracts import lead_workflow_id
from servicekit.clock import Clock
from servicekit.telemetry import logs
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from outreach_worker.metrics import Metrics

FAILING_FOR = timedelta(minutes=4)
"""Real time, from when visibility names it: a deployment that is rolled back marks nobody."""

_FAILING = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"
_MOST = 1_000
_PAGE = 100
_FIRST = ("", "")

log = logs.get_logger(__name__)


class ParkedLeads:
    """Looked at from outside, once in every sweep."""

    def __init__(
        self,
        temporal: Client,
        leads: LeadRepository,
        statuses: StatusRepository,
        *,
        metrics: Metrics,
        clock: Clock,
        failing_for: timedelta = FAILING_FOR,
    ) -> None:
        self._temporal = temporal
        self._leads = leads
        self._statuses = statuses
        self._metrics = metrics
        self._clock = clock
        self._failing_for = failing_for.total_seconds()
        self._seen_at: dict[str, float] = {}
        """Since when each workflow was seen to fail in every sweep."""

    async def compare(self) -> None:
        """Mark the leads whose workflows fail, and unmark those that go on.

        Raises the client's `RPCError` if Temporal is away.
        """
        try:
            failing = await self._failing(f"WorkflowType = 'Lead' AND {_FAILING}")
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                raise
            # A server before it, which reports no problems.
            log.warning("failing_workflows_unseen", why=error.message)
            return
        now = time.monotonic()
        self._seen_at = {each: self._seen_at.get(each, now) for each in failing}
        for workflow_id, seen_at in self._seen_at.items():
            if now - seen_at >= self._failing_for:
                await self._mark(workflow_id)
        await self._unmark()

    async def count(self) -> None:
        """Have the metrics say how many leads are parked, and how many campaigns stalled."""
        self._metrics.leads_parked.set(await self._leads.parked())
        self._metrics.campaigns_stalled.set(await self._statuses.stalled())

    async def _mark(self, workflow_id: str) -> None:
        campaign_id, _, lead_id = workflow_id.removeprefix("lead/").partition("/")
        if await self._leads.mark_failing(campaign_id, lead_id, now=self._clock.now()):
            because = ParkedBecause.WORKFLOW_TASK_FAILING
            self._metrics.lead_parkings.labels(because).inc()
            log.error("lead_parked", campaign_id=campaign_id, lead_id=lead_id, because=because)

    async def _unmark(self) -> None:
        """Those that are named no more: asked for by id, so that a cut list frees nobody."""
        after = _FIRST
        while page := await self._leads.marked_failing(after=after, limit=_PAGE):
            for campaign_id, lead_id in await self._going_on(page):
                await self._leads.unmark_failing(campaign_id, lead_id)
                log.info("lead_goes_on", campaign_id=campaign_id, lead_id=lead_id)
            after = page[-1]

    async def _going_on(self, leads: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        named = ", ".join(f"'{lead_workflow_id(*each)}'" for each in leads)
        failing = await self._failing(f"WorkflowId IN ({named}) AND {_FAILING}")
        return [each for each in leads if lead_workflow_id(*each) not in failing]

    async def _failing(self, query: str) -> set[str]:
        return {each.id async for each in self._temporal.list_workflows(query, limit=_MOST)}
