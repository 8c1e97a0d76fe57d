"""What a report is counted from, read from the rows of both schemas and asked of the gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from automation.decisions.decision import DecisionState
from automation.programs.program import Program, ProgramState
from automation.programs.schedule import days_since_due
from automation.reports.contact_reading import ContactReading
from automation.reports.record_repository import RecordRepository
from automation.reports.records import DaySlots, LastRelease, Records, Subject, looked_back
from automation.selection.reading_repository import ReadingRepository
from automation.selection.sender_day_repository import SenderDay, SenderDayRepository
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.campaign_repository import CampaignRepository
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
        self._contacts = ContactReading(sources.outcomes, sources.records)
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
        since = looked_back(subject.last_day, subject.time_zone)
        return Records(
            contacts=await self._contacts.of(organization_id, campaign.id, since=since),
            texts=await rows.outcomes.texts(campaign.id, since=since),
            slots=await self._slots(program, subject),
            multipliers={each.account_id: each.multiplier for each in readings.values()},
            decisions=await rows.records.decisions(
                organization_id, program_id, since=begin + _DAY, until=end + _DAY
            ),
            faults=await rows.records.faults(organization_id, program_id, since=begin, until=end),
            ready=None if subject.is_past(now) else await self._ready(program, now=now),
            forecast=await self._forecasts.of(senders),
        )

    async def _ready(self, program: Program, *, now: datetime) -> int:
        """Who may be released and contacted; who was suppressed since the last day counts yet.

        Of a program that rests, or whose last day is not its last one due, that day says nothing.
        """
        ready = await self._from.candidates.count_ready(program.campaign_id)
        if program.state is not ProgramState.ACTIVE:
            return ready
        suppressed = await self._from.records.suppressed(
            program.organization_id, program.program_id, since=last_due(program, now=now)
        )
        return max(0, ready - suppressed)

    async def _slots(self, program: Program, subject: Subject) -> list[DaySlots]:
        first = subject.first_day - _USUAL
        days = await self._from.sender_days.between(
            program.organization_id, program.program_id, first, subject.last_day
        )
        of = program.organization_id, program.program_id
        since = _midnight(first, subject.time_zone) - _DAY
        releases = await self._from.records.last_releases(*of, since=since)
        left_out = await self._from.records.left_out(*of, since=since)
        begun = await self._begun(program, releases)
        return [
            day_slots(
                each,
                releases.get(each.day),
                left_out.get((each.day, each.account_id), {}),
                begun=begun.get((each.day, each.account_id), 0),
            )
            for each in days
        ]

    async def _begun(
        self, program: Program, releases: Mapping[date, LastRelease]
    ) -> Mapping[tuple[date, str], int]:
        """Who has begun by releases that were taken back, by day and sender."""
        days = {each.decision_id: day for day, each in releases.items() if each.begun}
        if not days:
            return {}
        found = await self._from.outcomes.begun_by(program.campaign_id, [*days])
        return {(days[release_id], sender): leads for (release_id, sender), leads in found.items()}

    def _span(self, subject: Subject) -> tuple[datetime, datetime]:
        """From the first moment of its days to the first one after them."""
        zone = subject.time_zone
        return _midnight(subject.first_day, zone), _midnight(subject.last_day + _DAY, zone)


def last_due(program: Program, *, now: datetime) -> datetime:
    """The beginning of the last day before this one on which the program was due. Pure."""
    timetable = program.settings.timetable
    today = now.astimezone(ZoneInfo(timetable.time_zone)).date()
    days = days_since_due(timetable, until=today - _DAY)
    return _midnight(today - timedelta(days=days), timetable.time_zone)


def day_slots(
    day: SenderDay, release: LastRelease | None, left_out: Mapping[str, int], *, begun: int = 0
) -> DaySlots:
    """A sender's slots. Pure.

    Those of a release without an effect stayed empty by that, but for those of who had `begun` by
    it before it was taken back, and those of who did not fit any more as it took effect by what
    kept them out.
    """
    unused, used = Counter(day.unused), 0
    if release is not None and release.state is DecisionState.APPLIED:
        unused.update(left_out)
        used = day.used - sum(left_out.values())
    elif day.used:
        used = min(begun, day.used)
        why = "not_decided" if release is None else f"release_{release.state.value}"
        unused.update({why: day.used - used} if day.used > used else {})
    return DaySlots(
        day=day.day, account_id=day.account_id, slots=day.slots, used=used, unused=unused
    )


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)
