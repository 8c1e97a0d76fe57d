"""What a program would do now, by all that its daily run goes by; nothing is kept or released."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from automation.decisions.autonomy import acts_by_itself
from automation.decisions.decision import DecidedLead, Decision, DecisionKind, LeadSource, Term
from automation.decisions.decision_repository import DecisionRepository
from automation.errors import ProgramDeleted
from automation.programs.program import Program, ProgramMode, ProgramState
from automation.programs.schedule import next_due
from automation.scoring.champion import Champion
from automation.scoring.explanation import sentence
from automation.scoring.ranking import Ranked
from automation.selection.ahead.way_reading import WayReading
from automation.selection.capacity import Bound, closed_by
from automation.selection.day import Day, DayFacts, all_terms, rank, select_day, terms_of
from automation.selection.day_reading import DayReading, facts_of_one
from automation.selection.decided_day import decided_day
from automation.selection.prospect import Only, Prospect, decided_prospect, prospect_of
from automation.selection.sender_readings import Heard, SenderReadings
from automation.training.model_repository import ModelRepository
from campaigns.errors import LeadNotFound
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

_PROSPECT_WITHIN = timedelta(seconds=5)
"""Senders are asked for it and a list is looked at; a score waits for neither much longer."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class SelectionPreview:
    """Who would be released, and how what senders can do was learned."""

    date: str
    """As ISO 8601 has it."""
    day: Day
    read_at: Mapping[str, datetime]
    failed: Mapping[str, str]
    model_id: str = ""
    model_refusal: str = ""

    @property
    def leads(self) -> Sequence[DecidedLead]:
        """Who would be, the first to go first."""
        return self.day.leads


@dataclass(frozen=True, kw_only=True)
class DecidedSelection:
    """What was decided for the day: its run finds that, and decides nothing else."""

    date: str
    """As ISO 8601 has it."""
    decision: Decision
    leads: Sequence[DecidedLead]
    """The first to go."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The first of those who may be released, with what their scores are made of."""

    leads: Sequence[tuple[Ranked, Sequence[Term]]]
    candidates: int
    closed: Bound | None = None
    """What keeps any of them from being released now."""
    model_id: str = ""
    model_refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """All that a lead's score is made of."""

    lead_id: str
    score: float | None
    source: LeadSource
    model_id: str
    baseline: float
    terms: Sequence[Term]
    sentence: str
    prospect: Prospect | None = None
    """None of a program that was deleted, and where that cannot be told, or not in a moment."""


class ProgramPreviews:
    """Who may is asked before."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        reading: DayReading,
        senders: SenderReadings,
        ways: WayReading,
        models: ModelRepository,
        clock: Clock,
        *,
        decisions: DecisionRepository,
    ) -> None:
        self._campaigns = campaigns
        self._decisions = decisions
        self._reading = reading
        self._senders = senders
        self._ways = ways
        self._models = models
        self._clock = clock

    async def selection(self, program: Program) -> SelectionPreview | DecidedSelection:
        """Who the run of the next day would select now, or what is decided for that day.

        Senders are asked; of who does not answer counts what was last kept. Raises
        `ProgramDeleted`, and `CampaignNotFound` once the campaign is gone.
        """
        if program.state is ProgramState.DELETED:
            raise ProgramDeleted
        now = self._clock.now()
        date = _next_day(program, now)
        found = (await decided_day(self._decisions, program, date)).decision
        if found is not None:
            leads = await self._decisions.leads(found.id)
            return DecidedSelection(date=date, decision=found, leads=leads)
        return await self._next_look(program, date, now)

    async def _next_look(self, program: Program, date: str, now: datetime) -> SelectionPreview:
        heard, facts = await self._facts(program, date, now, await self._champion(program))
        known = [each for each in facts.senders if each.age is not None]
        return SelectionPreview(
            date=date,
            day=select_day(facts, now=now),
            read_at={each.account_id: now - each.age for each in known if each.age is not None},
            failed=heard.failed,
            model_id=facts.chosen.ranks,
            model_refusal=facts.chosen.refusal,
        )

    async def _facts(
        self,
        program: Program,
        date: str,
        now: datetime,
        champion: Champion | None,
        *,
        closed: Bound | None = None,
    ) -> tuple[Heard, DayFacts]:
        """What a day would be selected from now, and what senders just told; nothing is kept."""
        campaign = await self._campaigns.get(program.campaign_id)
        days = await self._ways.days(campaign)
        heard = await self._senders.hear(
            program.organization_id, campaign.account_ids, days=days, now=now
        )
        facts = await self._reading.facts(
            program,
            day=date,
            now=now,
            champion=champion,
            closed=closed,
            fresh=heard.readings,
            looks=True,
        )
        return heard, facts

    async def ranking(self, program: Program, *, limit: int) -> Ranking:
        """Who may be released, in the order of the ranking; raises `CampaignNotFound`."""
        now, champion = self._clock.now(), await self._champion(program)
        facts = await self._reading.facts(
            program, day=_next_day(program, now), now=now, champion=champion, looks=True
        )
        ranked = rank(facts, now=now)[:limit]
        return Ranking(
            leads=[(each, terms_of(facts, each.features)) for each in ranked],
            candidates=len(facts.leads),
            closed=facts.closed,
            model_id=facts.chosen.ranks,
            model_refusal=facts.chosen.refusal,
        )

    async def explanation(self, program: Program, lead_id: str) -> Explanation:
        """What the score of a lead is made of.

        Raises `LeadNotFound` for who is no lead of the program's campaign, and `PersonUnreadable`.
        """
        lead = await self._reading.lead(program, lead_id)
        if lead is None:
            raise LeadNotFound
        now, champion = self._clock.now(), await self._champion(program)
        facts = facts_of_one(program, lead, champion=champion)
        (ranked,) = rank(facts, now=now)
        terms = all_terms(facts, ranked.features)
        return Explanation(
            lead_id=lead_id,
            score=ranked.score,
            source=ranked.source,
            model_id=facts.chosen.ranks,
            baseline=0.0 if facts.chosen.model is None else facts.chosen.model.baseline,
            terms=terms,
            sentence=sentence(ranked.source, ranked.score, terms),
            prospect=await self._prospect(program, lead_id, champion=champion, now=now),
        )

    async def _prospect(
        self, program: Program, lead_id: str, *, champion: Champion | None, now: datetime
    ) -> Prospect | None:
        """Whether the lead is of the next release, by what senders tell now.

        None where that cannot be told, or not soon: the score needs none of it.
        """
        if program.state is ProgramState.DELETED:
            return None
        try:
            async with asyncio.timeout(_PROSPECT_WITHIN.total_seconds()):
                day = _next_day(program, now)
                return await self._decided(program, lead_id, day, now) or await self._looked_at(
                    program, lead_id, day, champion=champion, now=now
                )
        except (ServiceError, TimeoutError) as error:
            log.info("prospect_unread", reason=getattr(error, "reason", "TIMEOUT"))
            return None

    async def _looked_at(
        self, program: Program, lead_id: str, day: str, *, champion: Champion | None, now: datetime
    ) -> Prospect | None:
        """By a selection as the next run would make it."""
        closed = None if program.state is ProgramState.ACTIVE else Bound.PROGRAM_NOT_ACTIVE
        heard, facts = await self._facts(program, day, now, champion, closed=closed)
        if (heard.failed and not heard.readings) or facts.closed is Bound.NO_DATA:
            # The gateway is away: it alone knows who must not be contacted.
            return None
        why = await self._reading.kept_from(program, lead_id, now=now)
        found = prospect_of(lead_id, facts, select_day(facts, now=now), now=now)
        if why is not None:
            return replace(found, account_id="", left_out=why, bounds=())
        decision = (await decided_day(self._decisions, program, day)).decision
        if decision is not None:
            return replace(found, account_id="", left_out=None, bounds=(), decision_id=decision.id)
        return replace(found, only=_only(program))

    async def _decided(
        self, program: Program, lead_id: str, day: str, now: datetime
    ) -> Prospect | None:
        """What the day's decision says of a lead that it names; None of who is not of it."""
        decision = (await decided_day(self._decisions, program, day)).decision
        leads = [] if decision is None else await self._decisions.leads(decision.id)
        named = next((each for each in leads if each.lead_id == lead_id), None)
        if decision is None or named is None or named.left_out is not None:
            return None
        active = program.state is ProgramState.ACTIVE
        found = decided_prospect(decision, named, day=day, active=active, now=now)
        if not found.account_id:
            return found
        why = await self._reading.kept_from(program, lead_id, now=now, release=decision)
        closed = closed_by(program, await self._campaigns.get(program.campaign_id))
        if why is not None or closed is not None:
            bounds = (closed,) if closed and not why else ()
            return replace(found, account_id="", only=None, left_out=why, bounds=bounds)
        return found

    async def _champion(self, program: Program) -> Champion | None:
        return await self._models.champion(program.organization_id, program.program_id)


def _only(program: Program) -> Only | None:
    mode = program.settings.mode
    if mode is ProgramMode.DRY_RUN:
        return Only.LOOKED_AT
    by_itself = acts_by_itself(mode, DecisionKind.RELEASE_LEADS)
    return None if by_itself else Only.ONCE_APPROVED


def _next_day(program: Program, now: datetime) -> str:
    """On which it runs next; this one, should it never."""
    times = program.settings.timetable
    return times.day_of(next_due(times, now=now) or now).isoformat()
