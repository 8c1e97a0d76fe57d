"""How those stand whom campaigns have contacted, for callers who may see them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from automation.errors import ProgramNotFound
from automation.programs.program_repository import ProgramRepository
from automation.reports.contact_reading import ContactReading
from automation.reports.overview import (
    AskedOverview,
    Contacted,
    Dimension,
    Key,
    Overview,
    overview_of,
)
from automation.reports.records import looked_back
from automation.scoring.features import Feature, features_of, scored_person
from automation.scoring.rules import MISSING
from campaigns.models import Campaign
from campaigns.repositories.outcomes.invited_people_repository import InvitedPeopleRepository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from servicekit.clock import Clock

from campaign_api.automation.access import ProgramAccess, sees_people
from campaign_api.automation.requests import DEFAULT_ZONE
from campaign_api.errors import InvalidFields, invalid

MOST_CAMPAIGNS = 10
"""Of which an overview tells where none is named."""
_DAY = timedelta(days=1)
_OF_TEXTS = {Dimension.STEP, Dimension.VARIANT}


@dataclass(frozen=True, kw_only=True)
class Weeks:
    """From the week of one day to that of another, as ISO 8601 has them; empty: no bound."""

    first_day: str = ""
    last_day: str = ""

    def asked(
        self, dimensions: Sequence[Dimension], time_zone: str, *, now: datetime
    ) -> AskedOverview:
        """The same as Mondays, a year until now where nothing is said.

        Raises `InvalidFields` for what is no day, and for an end before the beginning.
        """
        today = now.astimezone(ZoneInfo(time_zone)).date()
        since = looked_back(today - _DAY, time_zone).astimezone(ZoneInfo(time_zone)).date()
        first = _monday("first_week", self.first_day, since)
        last = _monday("last_week", self.last_day, today)
        if self.first_day and self.last_day and last < first:
            raise InvalidFields([invalid("last_week", "No week before the first one.")])
        return AskedOverview(
            dimensions=dimensions,
            time_zone=time_zone,
            first_week=max(first, since),
            last_week=last,
        )


@dataclass(frozen=True, kw_only=True)
class CampaignOverview:
    """The overview of one campaign; `program_id` is empty of one that has none."""

    campaign_id: str
    program_id: str
    time_zone: str
    overview: Overview


@dataclass(frozen=True, kw_only=True)
class Overviews:
    """Those that are told; `more` says that the organization has further programs."""

    campaigns: Sequence[CampaignOverview]
    counted_at: datetime
    more: bool


@dataclass(frozen=True, kw_only=True)
class _Subject:
    campaign_id: str
    program_id: str
    time_zone: str


class OverviewReading:
    """Counts by what reports are counted from."""

    def __init__(
        self,
        *,
        access: ProgramAccess,
        programs: ProgramRepository,
        contacts: ContactReading,
        outcomes: OutcomeRepository,
        people: InvitedPeopleRepository,
        clock: Clock,
    ) -> None:
        self._access = access
        self._programs = programs
        self._contacts = contacts
        self._outcomes = outcomes
        self._people = people
        self._clock = clock

    async def of(
        self,
        organization_id: str,
        *,
        program_ids: Sequence[str],
        campaign_ids: Sequence[str],
        dimensions: Sequence[Dimension],
        weeks: Weeks,
    ) -> Overviews:
        """Those of the programs and campaigns that are named, else of the newest programs.

        Raises `ProgramNotFound` and `CampaignNotFound` of what the organization has not, or the
        caller may not see, and `InvalidFields` for weeks that are none.
        """
        now = self._clock.now()
        weeks.asked(dimensions, DEFAULT_ZONE, now=now)
        if program_ids or campaign_ids:
            named = [await self._of_program(organization_id, each) for each in program_ids]
            named += await self._of_campaigns(organization_id, campaign_ids)
            subjects, more = list({each.campaign_id: each for each in named}.values()), False
        else:
            subjects, more = await self._newest(organization_id)
        counted = [
            CampaignOverview(
                campaign_id=each.campaign_id,
                program_id=each.program_id,
                time_zone=each.time_zone,
                overview=await self._overview(organization_id, each, dimensions, weeks, now),
            )
            for each in subjects
        ]
        return Overviews(campaigns=counted, counted_at=now, more=more)

    async def _overview(
        self,
        organization_id: str,
        subject: _Subject,
        dimensions: Sequence[Dimension],
        weeks: Weeks,
        now: datetime,
    ) -> Overview:
        asked = weeks.asked(dimensions, subject.time_zone, now=now)
        # As of the report of yesterday, so that both tell of the same people.
        yesterday = now.astimezone(ZoneInfo(subject.time_zone)).date() - _DAY
        since = looked_back(yesterday, subject.time_zone)
        campaign_id = subject.campaign_id
        contacts = await self._contacts.of(organization_id, campaign_id, since=since)
        contacted = Contacted(
            contacts=contacts,
            texts=(
                await self._outcomes.all_texts(campaign_id, since=since)
                if _OF_TEXTS & set(dimensions)
                else ()
            ),
            segments=(
                await self._segments(campaign_id, [each.outcome.lead_id for each in contacts], now)
                if Dimension.SEGMENT in dimensions and sees_people()
                else None
            ),
        )
        # Of a hundred thousand people it takes half a second, in which others are answered.
        return await asyncio.to_thread(overview_of, contacted, asked, now=now)

    async def _segments(
        self, campaign_id: str, lead_ids: Sequence[str], now: datetime
    ) -> Mapping[str, Key]:
        found = {}
        for each in await self._people.among(campaign_id, lead_ids):
            features = features_of(scored_person(each.person), now=now)
            found[each.lead_id] = (
                features.get(Feature.SENIORITY, MISSING),
                features.get(Feature.INDUSTRY, MISSING),
            )
        return found

    async def _of_program(self, organization_id: str, program_id: str) -> _Subject:
        program = await self._access.program(program_id)
        if program.organization_id != organization_id:
            raise ProgramNotFound
        return _Subject(
            campaign_id=program.campaign_id,
            program_id=program.program_id,
            time_zone=program.settings.timetable.time_zone,
        )

    async def _of_campaigns(
        self, organization_id: str, campaign_ids: Sequence[str]
    ) -> list[_Subject]:
        campaigns = [await self._access.campaign(each, organization_id) for each in campaign_ids]
        if not campaigns:
            return []
        programs = await self._programs.newest(
            organization_id, campaign_ids=campaign_ids, limit=len(campaign_ids)
        )
        by_campaign = {each.campaign_id: each for each in programs}
        return [
            _Subject(
                campaign_id=each.id,
                program_id=by_campaign[each.id].program_id,
                time_zone=by_campaign[each.id].settings.timetable.time_zone,
            )
            if each.id in by_campaign
            else _Subject(campaign_id=each.id, program_id="", time_zone=_zone_of(each))
            for each in campaigns
        ]

    async def _newest(self, organization_id: str) -> tuple[list[_Subject], bool]:
        programs = await self._programs.newest(
            organization_id,
            campaign_ids=await self._access.campaigns(organization_id),
            limit=MOST_CAMPAIGNS + 1,
        )
        told = [
            _Subject(
                campaign_id=each.campaign_id,
                program_id=each.program_id,
                time_zone=each.settings.timetable.time_zone,
            )
            for each in programs[:MOST_CAMPAIGNS]
        ]
        return told, len(programs) > MOST_CAMPAIGNS


def _zone_of(campaign: Campaign) -> str:
    window = campaign.settings.sending_window
    return window.time_zone if window else DEFAULT_ZONE


def _monday(field: str, asked: str, otherwise: date) -> date:
    """The Monday of the week with this day; raises `InvalidFields` for what is none."""
    try:
        day = date.fromisoformat(asked) if asked else otherwise
        return day - timedelta(days=day.weekday())
    except (ValueError, OverflowError) as error:
        raise InvalidFields([invalid(field, "A day, for example 2027-03-22.")]) from error
