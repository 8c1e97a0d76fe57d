"""A program's day: what is known, who is selected, and the decision that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from automation.decisions.autonomy import standing_of
from automation.decisions.decision import (
    Change,
    Decision,
    DecisionKind,
)
from automation.decisions.decision_repository import DecisionRepository
from automation.programs.program import Program, ProgramMode
from automation.scoring.features import ScoredPerson, scored_person
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
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.admission.candidate_repository import (
    CandidateRepository,
    ReleaseCandidate,
)
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.ids import new_id

_TAKES = frozenset({CampaignState.RUNNING})
"""Of a campaign that does not run nobody is released: they would wait by yesterday's order."""


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
    ) -> Day:
        """Who would be released; changes nothing."""
        campaign = await self._campaigns.get(program.campaign_id)
        return select_day(await self._facts(program, campaign, day, now, model), now=now)

    async def decide(
        self,
        program: Program,
        *,
        day: str,
        run_id: str,
        now: datetime,
        model: Scorer | None = None,
    ) -> Selected:
        """Select and record it, once for each day: a repeat answers with the first decision."""
        key = f"{DecisionKind.RELEASE_LEADS}/{day}"
        selected = await self.look(program, day=day, now=now, model=model)
        found = await self._decisions.by_key(program.organization_id, program.program_id, key)
        if found is not None or not selected.leads:
            return Selected(decision=found, day=selected)
        decision = _decision(program, selected, day=day, key=key, run_id=run_id, now=now)
        return Selected(
            decision=await self._decisions.record(decision, selected.leads), day=selected
        )

    async def _facts(
        self,
        program: Program,
        campaign: Campaign,
        day: str,
        now: datetime,
        model: Scorer | None,
    ) -> DayFacts:
        settings = program.settings
        load = await self._candidates.load(campaign.id)
        readings = await self._readings.of(program.organization_id, campaign.account_ids)
        closed = _closed(program, campaign)
        ready = await self._candidates.ready(campaign.id) if closed is None else []
        since = now - timedelta(days=settings.company_spacing_days)
        turns = await self._candidates.turns(program.organization_id, ready, since=since)
        waiting = load.waiting_by_account
        room = campaign.settings.max_concurrent_leads - load.running - sum(waiting.values())
        return DayFacts(
            limits=DayLimits(
                program_id=program.program_id,
                day=day,
                plan=settings.plan_per_day,
                room=room,
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
    person = ScoredPerson()
    if candidate.person is not None:
        person = scored_person(
            candidate.person,
            lead_list_id=candidate.lead_list_id,
            imported_at=candidate.imported_at,
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
