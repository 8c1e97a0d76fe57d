"""What a report is counted from, read from the rows of both schemas and asked of the gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from automation.decisions.decision import DecisionState
from automation.outcomes.cohorts import LOOKED_BACK
from automation.programs.program import Program
from automation.reports.record_repository import RecordRepository
from automation.reports.records import DaySlots, FirstContact, Placing, Records, Subject
from automation.selection.reading_repository import ReadingRepository
from automation.selection.sender_day_repository import SenderDay, SenderDayRepository
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.outcomes.outcome import Outcome
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository

from outreach_worker.reports.forecasts import Forecasts

_DAY = timedelta(days=1)
_USUAL = timedelta(weeks=4)
"""How far before its days a report compares with what is usual."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where the rows are."""

    campaigns: CampaignRepository
    candidates: CandidateRepository
    outcomes: OutcomeRepository
    records: RecordRepository
    readings: ReadingRepository
    sender_days: SenderDayRepository


class ReportRecords:
    """Reads; counts nothing."""

    def __init__(self, sources: Sources, forecasts: Forecasts) -> None:
        self._from = sources
        self._forecasts = forecasts

    async def of(self, program: Program, subject: Subject, *, now: datetime) -> Records:
        """What there is of the program's campaign; of days long over nothing that is of today.

        Raises `CampaignNotFound`; who does not answer for a sender leaves its forecast out.
        """
        rows = self._from
        organization_id, program_id = program.organization_id, program.program_id
        campaign = await rows.campaigns.get(program.campaign_id)
        senders = [] if subject.is_past(now) else campaign.account_ids
        readings = await rows.readings.of(organization_id, senders)
        begin, end = self._span(subject)
        since = looked_back(subject)
        return Records(
            contacts=await self._contacts(program, since=since),
            texts=await rows.outcomes.texts(campaign.id, since=since),
            slots=await self._slots(program, subject),
            multipliers={each.account_id: each.multiplier for each in readings.values()},
            decisions=await rows.records.decisions(
                organization_id, program_id, since=begin + _DAY, until=end + _DAY
            ),
            faults=await rows.records.faults(organization_id, program_id, since=begin, until=end),
            ready=None if subject.is_past(now) else await self._ready(program),
            forecast=await self._forecasts.of(senders),
        )

    async def _ready(self, program: Program) -> int:
        """Who may be released and contacted; who was suppressed since the last day counts yet."""
        of = program.organization_id, program.program_id
        ready = await self._from.candidates.count_ready(program.campaign_id)
        return max(0, ready - await self._from.records.suppressed(*of))

    async def _contacts(self, program: Program, *, since: datetime) -> list[FirstContact]:
        invited = await self._from.outcomes.invited(program.campaign_id, since=since)
        placings = await self._from.records.placings(
            program.organization_id, program.campaign_id, {each.lead_id for each in invited}
        )
        return first_contacts(invited, placings)

    async def _slots(self, program: Program, subject: Subject) -> list[DaySlots]:
        first = subject.first_day - _USUAL
        days = await self._from.sender_days.between(
            program.organization_id, program.program_id, first, subject.last_day
        )
        of = program.organization_id, program.program_id
        since = _midnight(first, subject.time_zone) - _DAY
        states = await self._from.records.release_states(*of, since=since)
        left_out = await self._from.records.left_out(*of, since=since)
        return [
            day_slots(each, states.get(each.day), left_out.get((each.day, each.account_id), {}))
            for each in days
        ]

    def _span(self, subject: Subject) -> tuple[datetime, datetime]:
        """From the first moment of its days to the first one after them."""
        zone = subject.time_zone
        return _midnight(subject.first_day, zone), _midnight(subject.last_day + _DAY, zone)


def looked_back(subject: Subject) -> datetime:
    """From when on invitations count, a week's beginning: its cohort is whole. Pure."""
    first = subject.last_day - LOOKED_BACK
    return _midnight(first - timedelta(days=first.weekday()), subject.time_zone)


def first_contacts(
    invited: Iterable[Outcome], placings: Mapping[str, Placing]
) -> list[FirstContact]:
    """The first invitation of each person, with how they came to it. Pure."""
    first: dict[str, Outcome] = {}
    for each in invited:
        known = first.get(each.lead_id)
        if known is None or each.sent_at < known.sent_at:
            first[each.lead_id] = each
    return [
        FirstContact(outcome=outcome, placing=placings.get(lead_id))
        for lead_id, outcome in first.items()
    ]


def day_slots(
    day: SenderDay, release: DecisionState | None, left_out: Mapping[str, int]
) -> DaySlots:
    """A sender's slots. Pure.

    Those of a release without an effect stayed empty by that, and those of who did not fit any
    more as it took effect by what kept them out.
    """
    unused, used = Counter(day.unused), 0
    if release is DecisionState.APPLIED:
        unused.update(left_out)
        used = day.used - sum(left_out.values())
    elif day.used:
        unused["not_decided" if release is None else f"release_{release.value}"] += day.used
    return DaySlots(
        day=day.day, account_id=day.account_id, slots=day.slots, used=used, unused=unused
    )


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)
