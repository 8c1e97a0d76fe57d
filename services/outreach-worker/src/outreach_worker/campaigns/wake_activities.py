"""What leads wait for is asked for anew, by the settings that their campaign has now."""

import asyncio
from datetime import timedelta

from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.workflow.wake import wake_lead
from servicekit.tasks import answered_outside
from servicekit.telemetry import logs
from servicekit.temporal.attempts import begun_at, come_to
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from outreach_worker.campaigns.contracts import WakeActivitiesContract, WakeLeads, Woken

MOST_AT_A_TIME = 2_000
"""Leads woken by one activity; the workflow calls it again for more."""

log = logs.get_logger(__name__)


class WakeActivities(WakeActivitiesContract):
    """Waking twice is waking once: who asks before its turn is told to wait for it."""

    def __init__(
        self,
        admissions: AdmissionRepository,
        *,
        temporal: Client,
        page: int = 200,
        concurrency: int = 20,
    ) -> None:
        self._admissions = admissions
        self._temporal = temporal
        self._page = page
        self._concurrency = concurrency

    @activity.defn(name="wake_leads")
    async def wake_leads(self, wake: WakeLeads) -> Woken:
        """Wake at most `MOST_AT_A_TIME` leads, page by page; another attempt goes on behind them.

        Raises the client's `RPCError` where Temporal cannot be told.
        """
        after, woken = begun_at() or wake.after, 0
        while woken < MOST_AT_A_TIME:
            limit = min(self._page, MOST_AT_A_TIME - woken)
            page = await self._admissions.running_ids(
                wake.campaign_id, after=after, limit=limit, moving_to=wake.moving_to
            )
            if not page:
                after = ""
                break
            await self._each(wake, page)
            after, woken = page[-1], woken + len(page)
            come_to(after)
        log.info("leads_woken", campaign_id=wake.campaign_id, leads=woken)
        return Woken(leads=woken, after=after)

    async def _each(self, wake: WakeLeads, lead_ids: list[str]) -> None:
        room, jitter = asyncio.Semaphore(self._concurrency), timedelta(seconds=wake.within_seconds)

        async def one(lead_id: str) -> None:
            async with room:
                with answered_outside():
                    await self._wake(wake.campaign_id, lead_id, jitter)
                activity.heartbeat()

        async with asyncio.TaskGroup() as group:
            for lead_id in lead_ids:
                group.create_task(one(lead_id))

    async def _wake(self, campaign_id: str, lead_id: str, jitter: timedelta) -> None:
        try:
            await wake_lead(self._temporal, campaign_id, lead_id, jitter=jitter)
        except RPCError as error:
            # It has ended, or waits for nothing that could be asked for.
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
