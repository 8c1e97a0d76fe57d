"""What the workflow of a lead would have done last, where it was gone before."""

from campaigns.errors import LeadNotFound
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.orphaned_lead_repository import OrphanedLead, OrphanedLeadRepository
from campaigns.repositories.step_repository import StepRepository
from servicekit.clock import Clock
from servicekit.errors import Unavailable
from servicekit.telemetry import logs

from outreach_worker.events import lead_events
from outreach_worker.events.publisher import Publisher
from outreach_worker.senders.enrolments import Enrolments
from outreach_worker.senders.queued_actions import QueuedActions

_PAGE = 100

log = logs.get_logger(__name__)


class OrphanedLeads:
    """By their rows, so that nothing is forgotten with a process; repeating it changes nothing."""

    def __init__(
        self,
        orphans: OrphanedLeadRepository,
        leads: LeadRepository,
        steps: StepRepository,
        *,
        publisher: Publisher,
        enrolments: Enrolments,
        queued: QueuedActions,
        clock: Clock,
    ) -> None:
        self._orphans = orphans
        self._leads = leads
        self._steps = steps
        self._publisher = publisher
        self._enrolments = enrolments
        self._queued = queued
        self._clock = clock

    async def settle(self) -> None:
        """Take back what they have queued, free their people, and tell customers everything.

        Of leads that wait to begin when their campaign's end comes, too: their workflows sleep.
        What is away is asked again in the next round. A lead of which anything else keeps it
        holds up no other, a bug of another service too; the first failure is raised in the end.
        """
        await self._orphans.end_over(now=self._clock.now())
        after: tuple[str, str] = ("", "")
        failure: Exception | None = None
        while page := await self._orphans.untold(after=after, limit=_PAGE):
            for each in page:
                try:
                    await self._settle(each)
                except LeadNotFound:
                    # Removed since: nobody hears of it any more.
                    continue
                except Unavailable as error:
                    log.warning("orphaned_leads_not_told", why=error.reason)
                    return
                except Exception as error:
                    log.warning("orphaned_lead_not_told", lead_id=each.lead_id, exc_info=True)
                    failure = failure or error
            after = page[-1].campaign_id, page[-1].lead_id
        if failure is not None:
            raise failure

    async def _settle(self, orphan: OrphanedLead) -> None:
        campaign_id, lead_id = orphan.campaign_id, orphan.lead_id
        with logs.bound(campaign_id=campaign_id, lead_id=lead_id):
            # Nobody comes for what it had queued; the person is free afterwards.
            await self._queued.withdraw(campaign_id, lead_id)
            await self._enrolments.end(campaign_id, lead_id)
            lead = await self._leads.get(campaign_id, lead_id)
            history = (await self._steps.history([lead_id]))[lead_id]
            events = lead_events.of_rows(lead, history, accepted_at=orphan.accepted_at)
            async with self._publisher.together():
                await self._publisher.publish(*events)
                await self._orphans.told(lead_id, now=self._clock.now())
            log.info("orphaned_lead_told", events=len(events))
