"""What a program's day goes by, read from its campaign's rows and its senders' last readings.

The worker releases by it and campaign-api previews by it: there is no second way to read a day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from campaigns.models import Campaign
from campaigns.repositories.admission.candidate_repository import (
    CandidateRepository,
    ReleaseCandidate,
    WaitingLeads,
)
from campaigns.repositories.admission.release import ToRelease, answer_to
from campaigns.repositories.campaign_repository import CampaignRepository

from automation.decisions.decision import DecidedLead, Decision, LeftOut
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.releases import MOST_PARTS, UndecidedLead, release_ids, turned_to
from automation.programs.program import Program
from automation.scoring.champion import Champion, scorer_of
from automation.scoring.features import scored_person
from automation.scoring.rules import rules_of
from automation.selection.ahead.waiting import Waiting, plan_left, waiting_by_account
from automation.selection.ahead.way_reading import WayReading
from automation.selection.capacity import Bound, closed_by
from automation.selection.contactable import Front, Suppressions, contactable, front_of, look_at
from automation.selection.day import DayFacts, ReadyLead
from automation.selection.fit import ReleaseFacts, left_out_by
from automation.selection.reading_repository import ReadingRepository, SenderReading, facts_of
from automation.selection.selection import DayLimits
from automation.selection.spacing import CompanyContact


@dataclass(frozen=True, kw_only=True)
class _Load:
    """How full a campaign and its senders are."""

    campaign: Campaign
    day: str
    begins_at: datetime
    to_begin: int
    running: int
    begun: int
    readings: Mapping[str, SenderReading]
    waiting: Counter[str]
    """Or on the way to an invitation."""
    days: int
    """Of which the senders' work is counted."""


class DayReading:
    """Reads; what is selected by it is `automation.selection.day`'s, what fits is `fit`'s."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        candidates: CandidateRepository,
        decisions: DecisionRepository,
        readings: ReadingRepository,
        suppressions: Suppressions,
        ways: WayReading,
    ) -> None:
        self._campaigns = campaigns
        self._candidates = candidates
        self._decisions = decisions
        self._readings = readings
        self._suppressions = suppressions
        self._ways = ways

    async def facts(
        self,
        program: Program,
        *,
        day: str,
        now: datetime,
        champion: Champion | None = None,
        closed: Bound | None = None,
        fresh: Mapping[str, SenderReading] | None = None,
        looks: bool = False,
    ) -> DayFacts:
        """All that the day is selected from; `closed`: what keeps anybody from being released.

        Who `looks` is told who is ready even so, and how they rank; and nobody goes while it
        cannot be said who must not be contacted.
        `fresh` is what senders have just told, by account; of the others what was kept last counts.
        Raises `CampaignNotFound`, and what the gateway raises that cannot say who must not be
        contacted, except to who looks.
        """
        campaign = await self._campaigns.get(program.campaign_id)
        # First: what is applied meanwhile is counted as both, and not as neither.
        undecided = await self._decisions.undecided(program.organization_id, now=now)
        approved = {each.lead_id: each for each in undecided if each.is_approved}
        load = await self._load(program, campaign, approved, day=day, now=now, fresh=fresh)
        closed = closed or closed_by(program, campaign)
        front = Front()
        if looks or closed is None:
            pages, of = partial(self._candidates.ready, campaign.id), program.organization_id
            find = look_at if looks else front_of
            front = await find(self._suppressions, of, pages, without=approved.keys())
            closed = closed or (Bound.NO_DATA if front.unread else None)
        taken = turned_to(undecided, program.program_id)
        contacts = await self._contacts(program, front.ready, load, taken, now)
        facts = _facts(
            program, load, front.ready, contacts, champion=champion, closed=closed, now=now
        )
        return replace(facts, suppressed=front.suppressed)

    async def facts_of_release(
        self, program: Program, release: Decision, leads: Sequence[DecidedLead], *, now: datetime
    ) -> ReleaseFacts:
        """What says which of its leads an approved release is still of: by the day that it is now.

        Whatever was approved before it comes first. Raises as `facts`.
        """
        campaign = await self._campaigns.get(program.campaign_id)
        undecided = await self._decisions.undecided(program.organization_id, now=now)
        before = {each.lead_id: each for each in undecided if each.goes_before(release)}
        day = program.settings.timetable.day_of(now).isoformat()
        load = await self._load(program, campaign, before, day=day, now=now)
        lead_ids = [each.lead_id for each in leads]
        standings = await self._candidates.standings(campaign.id, lead_ids)
        taken = {lead_id: each.account_id for lead_id, each in before.items()}
        listed = await self._candidates.ready_of(campaign.id, set(lead_ids) - taken.keys())
        ready = await contactable(self._suppressions, program.organization_id, listed)
        contacts = await self._contacts(program, ready, load, taken, now)
        return ReleaseFacts(
            day=_facts(program, load, ready, contacts, now=now),
            answers={
                each.lead_id: answer_to(
                    ToRelease(lead_id=each.lead_id, account_id=each.account_id),
                    standings.get(each.lead_id),
                    campaign.account_ids,
                )
                for each in leads
            },
            decided=taken.keys(),
            suppressed={each.lead_id for each in listed} - {each.lead_id for each in ready},
        )

    async def kept_from(
        self, program: Program, lead_id: str, *, now: datetime, release: Decision | None = None
    ) -> LeftOut | None:
        """What keeps a lead by itself from being released, whatever place is left for others.

        That it was released by `release`, which names it, does not. Raises as `facts`.
        """
        campaign = await self._campaigns.get(program.campaign_id)
        undecided = await self._decisions.undecided(program.organization_id, now=now)
        others = [each for each in undecided if not release or each.decision_id != release.id]
        if lead_id in turned_to(others, program.program_id):
            return LeftOut.DECIDED
        standings = await self._candidates.standings(campaign.id, [lead_id])
        asked = ToRelease(lead_id=lead_id, account_id="")
        why = left_out_by(answer_to(asked, standings.get(lead_id), campaign.account_ids))
        # By this very decision: it may have begun by it.
        by = release_ids(release.id, MOST_PARTS) if release and why else []
        if why is not None and not await self._candidates.still_released(
            campaign.id, [lead_id], by
        ):
            return why
        # Who is released is not among those who may be.
        one = await self._candidates.one(campaign.id, lead_id) if why else None
        listed = [one] if one else await self._candidates.ready_of(campaign.id, [lead_id])
        if not listed:
            return LeftOut.UNREADABLE
        ready = await contactable(self._suppressions, program.organization_id, listed)
        return None if ready else LeftOut.SUPPRESSED

    async def days(self, program: Program) -> int:
        """For how many days its senders are asked what they can do; raises `CampaignNotFound`."""
        return await self._ways.days(await self._campaigns.get(program.campaign_id))

    async def lead(self, program: Program, lead_id: str) -> ReadyLead | None:
        """A lead of the program's campaign, whatever has become of it; None if there is none."""
        found = await self._candidates.one(program.campaign_id, lead_id)
        return None if found is None else ready_lead(found)

    async def _load(
        self,
        program: Program,
        campaign: Campaign,
        approved: Mapping[str, UndecidedLead],
        *,
        day: str,
        now: datetime,
        fresh: Mapping[str, SenderReading] | None = None,
    ) -> _Load:
        """How full the campaign and its senders are with who waits and who is about to."""
        begins_at = program.settings.timetable.day_begins_at(date.fromisoformat(day))
        load = await self._candidates.load(campaign, begun_since=begins_at, decided=approved.keys())
        # Whose release has begun to take effect is released, or about to be: counted once.
        to_come = [approved[each] for each in load.unreleased]
        kept = await self._readings.of(program.organization_id, campaign.account_ids)
        days = await self._ways.days(campaign)
        walking = await self._ways.walking(load.on_the_way, days=days, now=now)
        own = sum(each.program_id == program.program_id for each in to_come)
        return _Load(
            campaign=campaign,
            day=day,
            begins_at=begins_at,
            to_begin=load.waiting + own,
            running=load.running,
            begun=load.begun,
            readings={**kept, **(fresh or {})},
            waiting=_waiting(load.of_senders, to_come) + walking,
            days=days,
        )

    async def _contacts(
        self,
        program: Program,
        ready: Sequence[ReleaseCandidate],
        load: _Load,
        decided: Mapping[str, str],
        now: datetime,
    ) -> list[CompanyContact]:
        """Whom of their companies the organization has turned to, or is about to."""
        since = now - timedelta(days=program.settings.company_spacing_days)
        turns = await self._candidates.turns(
            program.organization_id, ready, since=since, decided=decided
        )
        return [
            CompanyContact(
                company_key=each.company_key,
                account_id=each.account_id,
                is_of_today=each.turned_at is None or each.turned_at >= load.begins_at,
            )
            for each in turns
        ]


def _waiting(released: Sequence[WaitingLeads], to_come: Sequence[UndecidedLead]) -> Counter[str]:
    """Whom each sender has before it, of whichever campaign."""
    found = [
        Waiting(account_ids=each.account_ids, account_id=each.account_id, leads=each.leads)
        for each in released
    ]
    found += [
        Waiting(account_ids=[each.account_id], account_id=each.account_id, leads=1)
        for each in to_come
    ]
    return waiting_by_account(found)


def _facts(
    program: Program,
    load: _Load,
    ready: Sequence[ReleaseCandidate],
    contacts: Sequence[CompanyContact],
    *,
    now: datetime,
    champion: Champion | None = None,
    closed: Bound | None = None,
) -> DayFacts:
    settings, campaign = program.settings, load.campaign
    rules = rules_of(settings.rules)
    return DayFacts(
        limits=DayLimits(
            program_id=program.program_id,
            day=load.day,
            plan=plan_left(settings.plan_per_day, waiting=load.to_begin, begun=load.begun),
            room=campaign.settings.max_concurrent_leads - load.running - load.to_begin,
            exploration_share=settings.exploration_share,
        ),
        leads=[ready_lead(each) for each in ready],
        senders=[
            facts_of(
                load.readings.get(each), each, waiting=load.waiting[each], now=now, days=load.days
            )
            for each in campaign.account_ids
        ],
        contacts=contacts,
        rules=rules,
        chosen=scorer_of(champion, rules),
        closed=closed,
    )


def facts_of_one(program: Program, lead: ReadyLead, *, champion: Champion | None) -> DayFacts:
    """What one lead is ranked by; nobody is selected from it."""
    limits = DayLimits(program_id=program.program_id, day="", plan=0, room=0)
    rules = rules_of(program.settings.rules)
    return DayFacts(
        limits=limits, leads=[lead], senders=(), rules=rules, chosen=scorer_of(champion, rules)
    )


def ready_lead(candidate: ReleaseCandidate) -> ReadyLead:
    """As it is ranked."""
    person = scored_person(
        candidate.person, lead_list_id=candidate.lead_list_id, imported_at=candidate.imported_at
    )
    return ReadyLead(lead_id=candidate.lead_id, person=person, company_key=candidate.company_key)
