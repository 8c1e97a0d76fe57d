"""A program's day: what is known, who is selected, and the decision that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from automation.decisions.autonomy import standing_of
from automation.decisions.decision import (
    Change,
    Decision,
    DecisionKind,
    DecisionState,
)
from automation.decisions.decision_repository import (
    DecidedMeanwhile,
    DecisionRepository,
    UndecidedLead,
)
from automation.programs.program import Program, ProgramMode
from automation.scoring.features import scored_person
from automation.scoring.rules import rules_of
from automation.selection.capacity import Bound
from automation.selection.day import (
    RULE,
    RULE_VERSION,
    Day,
    DayFacts,
    ReadyLead,
    Scorer,
    select_day,
)
from automation.selection.reading_repository import ReadingRepository, facts_of
from automation.selection.selection import DayLimits
from automation.selection.spacing import CompanyContact
from automation.selection.waiting import Waiting, plan_left, waiting_by_account
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.admission.candidate_repository import (
    CandidateRepository,
    ReleaseCandidate,
)
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.errors import NotYet
from servicekit.ids import new_id

_TAKES = frozenset({CampaignState.RUNNING})
"""Of a campaign that does not run nobody is released: they would wait by yesterday's order."""
_DECIDED_ANEW = frozenset({DecisionState.DRY, DecisionState.FAILED, DecisionState.SUPERSEDED})
"""What has come to nothing without anybody's no; a look alone stays so while the program looks."""
_LOOKS = 5
"""As often another program of the organization may decide while the day is looked at."""
_LOOKED_AGAIN = timedelta(seconds=5)
_SEEN = timedelta(days=2)
"""So far back an organization's releases are counted: longer than any look takes."""


@dataclass(frozen=True, kw_only=True)
class Selected:
    """What came of a day: the decision, None where nobody could be released."""

    decision: Decision | None
    day: Day


class DaySelection:
    """Reads what the day goes by; what is selected is `automation.selection.day`'s."""

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

    async def look(
        self,
        program: Program,
        *,
        day: str,
        now: datetime,
        model: Scorer | None = None,
        closed: Bound | None = None,
    ) -> Day:
        """Who would be released; changes nothing. `closed`: what keeps anybody from being."""
        campaign = await self._campaigns.get(program.campaign_id)
        facts = await self._facts(program, campaign, day, now, model, closed)
        return select_day(facts, now=now)

    async def decide(
        self,
        program: Program,
        *,
        day: str,
        run_id: str,
        now: datetime,
        model: Scorer | None = None,
        closed: Bound | None = None,
    ) -> Selected:
        """Select and record it, once for each day: a repeat answers with the first decision.

        Unless that has come to nothing: then the day is decided anew. Raises `NotYet` where other
        programs of the organization decide all the time.
        """
        for _ in range(_LOOKS):
            found, key = await self._of_day(program, day)
            seen = await self._decisions.releases(program.organization_id, since=now - _SEEN)
            selected = await self.look(program, day=day, now=now, model=model, closed=closed)
            if found is not None or not selected.leads:
                return Selected(decision=found, day=selected)
            decision = _decision(program, selected, day=day, key=key, run_id=run_id, now=now)
            try:
                kept = await self._decisions.record(
                    decision,
                    selected.leads,
                    seen=None if decision.state is DecisionState.DRY else seen,
                )
            except DecidedMeanwhile:
                continue
            return Selected(decision=kept, day=selected)
        raise NotYet(retry_after=_LOOKED_AGAIN)

    async def _of_day(self, program: Program, day: str) -> tuple[Decision | None, str]:
        """The decision of the day that holds, or the key that another one is to have."""
        first = key = f"{DecisionKind.RELEASE_LEADS}/{day}"
        number = 1
        looks_only = program.settings.mode is ProgramMode.DRY_RUN
        while True:
            found = await self._decisions.by_key(program.organization_id, program.program_id, key)
            if found is None or found.state not in _DECIDED_ANEW:
                return found, key
            if found.state is DecisionState.DRY and looks_only:
                return found, key
            number += 1
            key = f"{first}/{number}"

    async def _facts(
        self,
        program: Program,
        campaign: Campaign,
        day: str,
        now: datetime,
        model: Scorer | None,
        closed: Bound | None,
    ) -> DayFacts:
        settings = program.settings
        organization_id = program.organization_id
        begins_at = settings.timetable.day_begins_at(date.fromisoformat(day))
        load = await self._candidates.load(campaign.id, begun_since=begins_at)
        readings = await self._readings.of(organization_id, campaign.account_ids)
        closed = closed or _closed(program, campaign)
        undecided = await self._decisions.undecided(organization_id, now=now)
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
            leads=[_ready(each) for each in ready],
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


def _ready(candidate: ReleaseCandidate) -> ReadyLead:
    person = scored_person(
        candidate.person, lead_list_id=candidate.lead_list_id, imported_at=candidate.imported_at
    )
    return ReadyLead(lead_id=candidate.lead_id, person=person, company_key=candidate.company_key)


def _decision(
    program: Program, selected: Day, *, day: str, key: str, run_id: str, now: datetime
) -> Decision:
    """As the program's mode has it: looked at, proposed, or approved by the program itself."""
    standing = standing_of(program, DecisionKind.RELEASE_LEADS, now=now)
    return Decision(
        id=new_id("dec"),
        organization_id=program.organization_id,
        program_id=program.program_id,
        campaign_id=program.campaign_id,
        run_id=run_id,
        key=key,
        kind=DecisionKind.RELEASE_LEADS,
        state=standing.state,
        rule=RULE,
        rule_version=RULE_VERSION,
        inputs=selected.inputs(),
        change=Change(before={"released": 0}, after={"released": len(selected.leads), "day": day}),
        created_at=now,
        expires_at=standing.expires_at,
        answered_at=standing.answered_at,
        answered_by=standing.answered_by,
    )
