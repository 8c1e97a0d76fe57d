"""What a program's day goes by, read from its campaign's rows and its senders' last readings.

The worker releases by it and campaign-api previews by it: there is no second way to read a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from campaigns.models import Campaign, CampaignState
from campaigns.repositories.admission.candidate_repository import (
    CandidateRepository,
    ReleaseCandidate,
)
from campaigns.repositories.campaign_repository import CampaignRepository

from automation.decisions.decision_repository import DecisionRepository, UndecidedLead
from automation.programs.program import Program, ProgramMode
from automation.scoring.features import scored_person
from automation.scoring.rules import rules_of
from automation.selection.capacity import Bound
from automation.selection.day import DayFacts, ReadyLead, Scorer
from automation.selection.reading_repository import ReadingRepository, SenderReading, facts_of
from automation.selection.selection import DayLimits
from automation.selection.spacing import CompanyContact
from automation.selection.waiting import Waiting, plan_left, waiting_by_account

_TAKES = frozenset({CampaignState.RUNNING})
"""Of a campaign that does not run nobody is released: they would wait by yesterday's order."""


class DayReading:
    """Reads; what is selected by it is `automation.selection.day`'s."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        candidates: CandidateRepository,
        decisions: DecisionRepository,
        readings: ReadingRepository,
    ) -> None:
        self._campaigns = campaigns
        self._candidates = candidates
        self._decisions = decisions
        self._readings = readings

    async def facts(
        self,
        program: Program,
        *,
        day: str,
        now: datetime,
        model: Scorer | None = None,
        closed: Bound | None = None,
        fresh: Mapping[str, SenderReading] | None = None,
    ) -> DayFacts:
        """All that the day is selected from; `closed`: what keeps anybody from being released.

        `fresh` is what senders have just told, by account; of the others what was kept last counts.
        Raises `CampaignNotFound`.
        """
        campaign = await self._campaigns.get(program.campaign_id)
        settings = program.settings
        organization_id = program.organization_id
        begins_at = settings.timetable.day_begins_at(date.fromisoformat(day))
        # First: what is applied meanwhile is counted as both, and not as neither.
        undecided = await self._decisions.undecided(organization_id, now=now)
        load = await self._candidates.load(campaign.id, begun_since=begins_at)
        kept = await self._readings.of(organization_id, campaign.account_ids)
        readings = {**kept, **(fresh or {})}
        closed = closed or _closed(program, campaign)
        approved = {each.lead_id for each in undecided if each.is_approved}
        ready = await self._candidates.ready(campaign.id) if closed is None else []
        ready = [each for each in ready if each.lead_id not in approved]
        turns = await self._candidates.turns(
            organization_id,
            ready,
            since=now - timedelta(days=settings.company_spacing_days),
            decided=_turned_to(undecided, program),
        )
        waiting = await self._waiting(program, campaign, undecided)
        own = sum(each.is_approved and each.program_id == program.program_id for each in undecided)
        to_begin = load.waiting + own
        return DayFacts(
            limits=DayLimits(
                program_id=program.program_id,
                day=day,
                plan=plan_left(settings.plan_per_day, waiting=to_begin, begun=load.begun),
                room=campaign.settings.max_concurrent_leads - load.running - to_begin,
                exploration_share=settings.exploration_share,
            ),
            leads=[ready_lead(each) for each in ready],
            senders=[
                facts_of(readings.get(each), each, waiting=waiting.get(each, 0), now=now)
                for each in campaign.account_ids
            ],
            contacts=[
                CompanyContact(company_key=each.company_key, account_id=each.account_id)
                for each in turns
            ],
            rules=rules_of(settings.rules),
            model=model,
            closed=closed,
        )

    async def lead(self, program: Program, lead_id: str) -> ReadyLead | None:
        """A lead of the program's campaign, whatever has become of it; None if there is none."""
        found = await self._candidates.one(program.campaign_id, lead_id)
        return None if found is None else ready_lead(found)

    async def _waiting(
        self, program: Program, campaign: Campaign, undecided: Sequence[UndecidedLead]
    ) -> Mapping[str, int]:
        """Whom each sender of the campaign has before it, of whichever campaign."""
        released = await self._candidates.waiting(program.organization_id, campaign.account_ids)
        found = [
            Waiting(account_ids=each.account_ids, account_id=each.account_id, leads=each.leads)
            for each in released
        ]
        found += [
            Waiting(account_ids=[each.account_id], account_id=each.account_id, leads=1)
            for each in undecided
            if each.is_approved
        ]
        return waiting_by_account(found)


def facts_of_one(program: Program, lead: ReadyLead, *, model: Scorer | None) -> DayFacts:
    """What one lead is ranked by; nobody is selected from it."""
    limits = DayLimits(program_id=program.program_id, day="", plan=0, room=0)
    rules = rules_of(program.settings.rules)
    return DayFacts(limits=limits, leads=[lead], senders=(), rules=rules, model=model)


def ready_lead(candidate: ReleaseCandidate) -> ReadyLead:
    """As it is ranked."""
    person = scored_person(
        candidate.person, lead_list_id=candidate.lead_list_id, imported_at=candidate.imported_at
    )
    return ReadyLead(lead_id=candidate.lead_id, person=person, company_key=candidate.company_key)


def _turned_to(undecided: Sequence[UndecidedLead], program: Program) -> Mapping[str, str]:
    """Who is taken: but what the program itself has only proposed it may propose again."""
    return {
        each.lead_id: each.account_id
        for each in undecided
        if each.is_approved or each.program_id != program.program_id
    }


def _closed(program: Program, campaign: Campaign) -> Bound | None:
    """What keeps a campaign from taking whom the program names.

    A program that only looks may do so at one that admits everybody.
    """
    if campaign.state not in _TAKES or campaign.deleted_at is not None:
        return Bound.CAMPAIGN_NOT_RUNNING
    looks_only = program.settings.mode is ProgramMode.DRY_RUN
    if not looks_only and not campaign.settings.admission.released_only:
        return Bound.CAMPAIGN_ADMITS_ALL
    return None
