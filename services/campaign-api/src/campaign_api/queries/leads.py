"""Leads as callers read them: one with what it waits for, or page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from campaigns.admission import Place, place_of, unreleased_place
from campaigns.errors import LeadNotFound
from campaigns.listings.leads import LEADS, LeadPages, RemovedLead
from campaigns.models import Campaign, CampaignState, Lead, LeadState, StepExecution
from campaigns.repositories.admission.line_repository import LineRepository
from campaigns.repositories.imports.import_repository import ImportRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.witness_repository import WitnessRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.sequence import Sequence as StepSequence
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.ids import has_prefix
from servicekit.lists.changes import Changes
from servicekit.lists.listing import Asked, ChangesAsked, Listing
from servicekit.page_tokens import PageTokens
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.telemetry import logs

from campaign_api.clients.errors import why_not_known
from campaign_api.clients.gateway_answers import Hold, Obstacle, SendingAccount, database_hold
from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.paging import Pages
from campaign_api.queries.lead_explanations import ASKING, WORKFLOW_MISSING, Wait, lead_waits

_AT_ONCE = 500
"""Leads of an export that are in memory at a time."""

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
    next_page_token: str = ""
    removed: Sequence[RemovedLead] = ()
    """Of who follows changes: those that are gone."""
    next_sync_token: str = ""
    """Of who follows changes: from where to go on."""


_STAYS = "It goes on once it is seen again, and otherwise stays until an operator stops it."


@dataclass(frozen=True, kw_only=True)
class LeadFile:
    """Which leads an export has, and how it is written; None is any state."""

    state: LeadState | None
    form: str
    columns: Sequence[str] = ()

    def of(self, campaign: Campaign) -> Sequence[str]:
        """What a token of it is good for."""
        return ("export", campaign.id, self.state or "", self.form, *self.columns)


class LeadQueries:
    """Reads the leads of a campaign."""

    def __init__(
        self,
        leads: LeadRepository,
        imports: ImportRepository,
        pages: LeadPages,
        tokens: PageTokens,
        changes: Changes,
        lines: LineRepository,
        steps: StepRepository,
        revisions: RevisionCache,
        gateway: Gateway,
        clock: Clock,
        *,
        witnesses: WitnessRepository,
        write_refusals: WriteRefusals,
    ) -> None:
        self._leads = leads
        self._imports = imports
        self._pages = pages
        self._listing = Listing(LEADS, tokens)
        self._places = Pages(tokens)
        self._changes = changes
        self._lines = lines
        self._steps = steps
        self._revisions = revisions
        self._gateway = gateway
        self._clock = clock
        self._witnesses = witnesses
        self._write_refusals = write_refusals

    async def page(self, campaign: Campaign, asked: Asked, *, include_steps: bool) -> LeadPage:
        """Raises what `Listing.read` does."""
        within = (campaign.organization_id, campaign.id)
        request = await self._listing.read(asked, within=within)
        found, after = await self._pages.page(campaign.organization_id, campaign.id, request)
        return LeadPage(
            leads=await self._views(campaign, found, include_steps=include_steps),
            next_page_token=await self._listing.next_token(asked, after, within=within),
        )

    async def variables(self, campaign: Campaign) -> Sequence[str]:
        """The names of all variables that leads of the campaign have."""
        return await self._imports.variable_names(campaign.id)

    async def exported(
        self, campaign: Campaign, file: LeadFile, *, token: str
    ) -> AsyncIterator[Sequence[tuple[int, Lead]]]:
        """All leads with their places, in the order of the list, some at a time; at least none.

        Raises `PageTokenInvalid` if the token is not one of this file.
        """
        position = await self._places.number(token, of=file.of(campaign)) or 0
        while True:
            found = await self._leads.page(
                campaign.id, state=file.state, after_position=position, limit=_AT_ONCE
            )
            yield found
            if len(found) < _AT_ONCE:
                return
            position = found[-1][0]

    async def export_token(self, campaign: Campaign, file: LeadFile, *, place: int) -> str:
        """Where the file goes on behind a place."""
        return await self._places.after(place, of=file.of(campaign))

    async def changes(
        self, campaign: Campaign, asked: ChangesAsked, *, page_size: int, include_steps: bool
    ) -> LeadPage:
        """What has changed, in that order; raises what `Changes.request` does.

        A copy that begins anew at a moment is not told of what was forgotten: it has none of it.
        """
        rows = self._pages.changing(campaign)
        request = await self._changes.request(rows, asked, page_size=page_size)
        found = await self._pages.changed(campaign.id, request)
        if asked.sync_token:
            await self._changes.require_told(rows, request)
        return LeadPage(
            leads=await self._views(campaign, found.leads, include_steps=include_steps),
            removed=found.removed,
            next_sync_token=await self._changes.token(
                rows, found.last or request.after or (), forgotten=request.forgotten
            ),
        )

    async def _views(
        self, campaign: Campaign, leads: Sequence[Lead], *, include_steps: bool
    ) -> Sequence[LeadView]:
        history = await self._steps.history([lead.id for lead in leads]) if include_steps else {}
        return [
            LeadView(
                lead=lead,
                history=history.get(lead.id, ()),
                sequence=await self._sequence(campaign, lead),
            )
            for lead in leads
        ]

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
            holds=[*await self._own_holds(), *holds],
            sender=sender,
            place=await self._place(campaign, view.lead),
            now=self._clock.now(),
        )
        away += await self._missing(campaign, view.lead)
        return [*(wait for wait in waits if not (away and wait.reason == ASKING)), *away]

    async def _missing(self, campaign: Campaign, lead: Lead) -> list[Wait]:
        """That nobody may be walking a lead whose row runs; only its workflow could."""
        if lead.state is not LeadState.RUNNING:
            return []
        missed_since = await self._witnesses.missed_since(campaign.id, lead.id)
        if missed_since is None:
            return []
        since = f"{missed_since:%Y-%m-%d %H:%M} UTC"
        told = f"Temporal has lost workflows; this lead's was not seen there since {since}."
        return [Wait(reason=WORKFLOW_MISSING, description=f"{told} {_STAYS}")]

    async def _own_holds(self) -> Sequence[Hold]:
        """That nothing can be written here, which the gateway need not have met."""
        refused = await self._write_refusals.now()
        return [database_hold(refused.message)] if refused else []

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
        if campaign.settings.admission.released_only and lead.released_at is None:
            return unreleased_place(campaign.settings, now)
        line, ahead = await asyncio.gather(
            self._lines.line(campaign, now=now),
            self._lines.ahead_of(campaign, lead.id),
        )
        return place_of(campaign.settings, line, ahead=ahead, now=now)

    async def _sequence(self, campaign: Campaign, lead: Lead) -> StepSequence:
        """The steps that the lead walks, or will walk once it is admitted."""
        return (await self._revisions.get(lead.revision_id or campaign.revision_id)).sequence
