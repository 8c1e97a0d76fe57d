"""Leads as callers read them: one with what it waits for, or page by page."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.admission import Place, place_of
from campaigns.errors import LeadNotFound
from campaigns.models import Campaign, CampaignState, Lead, LeadState, StepExecution
from campaigns.repositories.admission_repository import AdmissionRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.sequence import Sequence as StepSequence
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.ids import has_prefix
from servicekit.telemetry import logs

from campaign_api.clients.errors import why_not_known
from campaign_api.clients.linkedin_gateway import Gateway, Hold, Obstacle, SendingAccount
from campaign_api.paging import page_cursor, page_limit, page_token, position_of
from campaign_api.queries.lead_explanations import ASKING, Wait, lead_waits

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class LeadView:
    """A lead, its history if that was asked for, and the steps it is made of."""

    lead: Lead
    history: Sequence[StepExecution]
    sequence: StepSequence


@dataclass(frozen=True, kw_only=True)
class LeadPage:
    """Some leads; the token is empty on the last page."""

    leads: Sequence[LeadView]
    next_page_token: str


class LeadQueries:
    """Reads the leads of a campaign."""

    def __init__(
        self,
        leads: LeadRepository,
        admissions: AdmissionRepository,
        steps: StepRepository,
        revisions: RevisionCache,
        gateway: Gateway,
        clock: Clock,
    ) -> None:
        self._leads = leads
        self._admissions = admissions
        self._steps = steps
        self._revisions = revisions
        self._gateway = gateway
        self._clock = clock

    async def page(
        self,
        campaign: Campaign,
        *,
        state: LeadState | None,
        page_size: int,
        token: str,
        include_steps: bool,
    ) -> LeadPage:
        """In the order of the list.

        Raises `InvalidFields` if the token is not one of this list.
        """
        limit = page_limit(page_size)
        of = ("leads", campaign.id, state or "")
        cursor = page_cursor(token, of=of, parts=1)
        found = await self._leads.page(
            campaign.id,
            state=state,
            after_position=0 if cursor is None else position_of(cursor[0]),
            limit=limit + 1,
        )
        page = found[:limit]
        history = await self._steps.history([lead.id for _, lead in page]) if include_steps else {}
        return LeadPage(
            leads=[
                LeadView(
                    lead=lead,
                    history=history.get(lead.id, ()),
                    sequence=await self._sequence(campaign, lead),
                )
                for _, lead in page
            ],
            next_page_token=page_token([str(page[-1][0])], of=of) if len(found) > limit else "",
        )

    async def get(self, campaign: Campaign, lead_id: str) -> tuple[LeadView, Sequence[Wait]]:
        """A lead with its history, and what it waits for.

        Raises `LeadNotFound` if the campaign has no such lead.
        """
        if not has_prefix(lead_id, "lead"):
            raise LeadNotFound
        lead = await self._leads.get(campaign.id, lead_id)
        history, sequence = await asyncio.gather(
            self._steps.history([lead_id]), self._sequence(campaign, lead)
        )
        view = LeadView(lead=lead, history=history[lead_id], sequence=sequence)
        return view, await self._waits(campaign, view)

    async def _waits(self, campaign: Campaign, view: LeadView) -> Sequence[Wait]:
        obstacles: Sequence[Obstacle] | None = None
        holds: Sequence[Hold] = ()
        sender: SendingAccount | None = None
        away: list[Wait] = []
        if view.lead.state is LeadState.READY and campaign.state is CampaignState.RUNNING:
            holds = await self._known_holds()
        if view.lead.state is LeadState.RUNNING:
            try:
                obstacles = await self._gateway.obstacles(campaign, view.lead.id)
                holds = await self._gateway.holds()
                sender = await self._gateway.glance_at_account(view.lead.sender_id)
            except ServiceError as error:
                log.warning("lead_explanation_failed", lead_id=view.lead.id, reason=error.reason)
                description = f"{why_not_known(error)} So what the action waits for is not known."
                away = [Wait(reason="SERVICE_UNAVAILABLE", description=description)]
        waits = lead_waits(
            campaign,
            view.lead,
            view.history,
            view.sequence,
            obstacles=obstacles,
            holds=holds,
            sender=sender,
            place=await self._place(campaign, view.lead),
            now=self._clock.now(),
        )
        return [*(wait for wait in waits if not (away and wait.reason == ASKING)), *away]

    async def _known_holds(self) -> Sequence[Hold]:
        """The holds in force; none while the gateway is away, without which leads are admitted."""
        try:
            return await self._gateway.holds()
        except ServiceError:
            return ()

    async def _place(self, campaign: Campaign, lead: Lead) -> Place | None:
        """The lead's place in the list, by the rules that admit; None where nobody is admitted."""
        if campaign.state is not CampaignState.RUNNING or lead.state is not LeadState.READY:
            return None
        now = self._clock.now()
        line, ahead = await asyncio.gather(
            self._admissions.line(campaign, now=now),
            self._admissions.ahead_of(campaign.id, lead.id),
        )
        return place_of(campaign.settings, line, ahead=ahead, now=now)

    async def _sequence(self, campaign: Campaign, lead: Lead) -> StepSequence:
        """The steps that the lead walks, or will walk once it is admitted."""
        return (await self._revisions.get(lead.revision_id or campaign.revision_id)).sequence
