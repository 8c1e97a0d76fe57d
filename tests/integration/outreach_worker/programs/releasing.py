"""A campaign, the program that feeds it, and what its runs stand on, on real rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from automation.decisions.decision import Decision, DecisionKind
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.history_repository import DecisionHistory
from automation.programs.program import (
    Program,
    ProgramEdit,
    ProgramMode,
    ProgramState,
    new_settings,
)
from automation.runs.run import RunState, RunTrigger, RunType
from automation.selection.ahead.way_reading import WayReading
from automation.selection.day_reading import DayReading
from automation.selection.reading_repository import ReadingRepository
from automation.selection.sender_day_repository import SenderDayRepository
from automation.selection.sender_readings import SenderReadings
from campaign_api.convert.releases.release import release_from_proto, release_to_proto
from campaigns.models import Campaign, CampaignSettings, LeadAdmission, Person
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.admission.release_repository import ReleaseRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.revision_cache import RevisionCache
from outreach.campaign.v1 import lead_service_pb2 as pb
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    action_pb2,
    hold_service_pb2,
    pace_pb2,
    pace_service_pb2,
    suppression_service_pb2,
)
from outreach_worker.decisions.activities import DecisionActivities
from outreach_worker.decisions.calling_off import CallingOff
from outreach_worker.decisions.release_fitting import ReleaseFitting
from outreach_worker.decisions.released_leads import ReleasedLeads
from outreach_worker.decisions.settlement import DecisionSettlement
from outreach_worker.programs.contracts import BeginRun, ProgramDay
from outreach_worker.programs.day_activities import DayActivities
from outreach_worker.programs.day_selection import DaySelection
from outreach_worker.senders.sender_source import GatewaySenders
from outreach_worker.senders.suppressed_people import SuppressedPeople
from servicekit.auth import current_principal
from servicekit.errors import Unavailable
from servicekit.ids import new_id

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import draft
from tests.integration.outreach_worker.programs.conftest import Programs

INVITATION = action_pb2.ACTION_KIND_INVITATION


@dataclass
class Gateway:
    """Each account can invite so many people a day, but for those that do not answer."""

    silent: set[str] = field(default_factory=set)
    suppressed: set[str] = field(default_factory=set)
    free: int = 10

    async def GetAccount(self, request: Any) -> account_service_pb2.GetAccountResponse:  # noqa: N802
        if request.account_id in self.silent:
            raise Unavailable
        account = account_pb2.Account(state=account_pb2.ACCOUNT_STATE_CONNECTED)
        return account_service_pb2.GetAccountResponse(account=account)

    async def GetAccountHealth(self, _: Any) -> pace_service_pb2.GetAccountHealthResponse:  # noqa: N802
        health = pace_pb2.AccountHealth(multiplier=1.0)
        return pace_service_pb2.GetAccountHealthResponse(health=health)

    async def ForecastAccount(self, _: Any) -> pace_service_pb2.ForecastAccountResponse:  # noqa: N802
        kinds = [pace_pb2.KindForecast(kind=INVITATION, actions=self.free + 2, planned=2)]
        days = [pace_pb2.DayForecast(kinds=kinds)] * 2
        return pace_service_pb2.ForecastAccountResponse(days=days)

    async def ListHolds(self, _: Any) -> hold_service_pb2.ListHoldsResponse:  # noqa: N802
        return hold_service_pb2.ListHoldsResponse()

    async def FindSuppressed(  # noqa: N802
        self, request: suppression_service_pb2.FindSuppressedRequest
    ) -> suppression_service_pb2.FindSuppressedResponse:
        found = [
            place
            for place, each in enumerate(request.people)
            if each.public_identifier in self.suppressed
        ]
        return suppression_service_pb2.FindSuppressedResponse(suppressed=found)


class CampaignApi:
    """Releases as campaign-api does, on its rows, and notes whom its audit would name."""

    def __init__(self, programs: Programs) -> None:
        self._releases, self._clock = ReleaseRepository(programs.campaign_pool), programs.clock
        self.callers: Counter[str] = Counter()

    async def ReleaseLeads(self, request: pb.ReleaseLeadsRequest) -> pb.ReleaseLeadsResponse:  # noqa: N802
        self.callers[current_principal()] += 1
        leads = release_from_proto(request)
        release = await self._releases.release(
            request.campaign_id, request.release_id, leads, now=self._clock.now()
        )
        return release_to_proto(release)

    async def WithdrawLeads(self, request: pb.WithdrawLeadsRequest) -> pb.WithdrawLeadsResponse:  # noqa: N802
        self.callers[current_principal()] += 1
        withdrawn = await self._releases.withdraw(
            request.campaign_id,
            release_id=request.release_id,
            lead_ids=request.lead_ids,
            now=self._clock.now(),
        )
        return pb.WithdrawLeadsResponse(lead_ids=withdrawn)


class World:
    """A campaign, the program that feeds it, and what its runs stand on."""

    def __init__(self, programs: Programs) -> None:
        self.programs, self.gateway, self.api = programs, Gateway(), CampaignApi(programs)
        self.campaigns = CampaignRepository(programs.campaign_pool)
        self.decisions = DecisionRepository(programs.pool)
        readings: Any = ReadingRepository(programs.pool)
        gateway: Any = self.gateway
        api: Any = self.api
        senders = SenderReadings(GatewaySenders(gateway, gateway, gateway), readings)
        candidates = CandidateRepository(programs.campaign_pool, SEAL)
        ways = WayReading(RevisionCache(RevisionRepository(programs.campaign_pool)))
        suppressions = SuppressedPeople(gateway)
        reading = DayReading(
            self.campaigns, candidates, self.decisions, readings, suppressions, ways
        )
        self.day = DayActivities(
            programs.rows,
            self.campaigns,
            senders,
            DaySelection(reading, self.decisions, SenderDayRepository(programs.pool)),
            programs.clock,
            runs=programs.run_rows,
            ways=ways,
            champion_of=_nobody,
        )
        fitting = ReleaseFitting(programs.rows, reading, senders, self.decisions, programs.clock)
        effects = {
            DecisionKind.RELEASE_LEADS: ReleasedLeads(
                api, self.decisions, fitting, candidates=candidates
            )
        }
        self.decision = DecisionActivities(
            DecisionSettlement(
                self.decisions,
                effects,
                programs.clock,
                calling_off=CallingOff(programs.rows, programs.run_rows, programs.clock),
            )
        )

    def working(self, **others: Any) -> Any:
        own = {
            "read_senders": self.day.read_senders,
            "select_leads": self.day.select_leads,
            "bring_about": self.decision.bring_about,
        }
        return self.programs.working(**{**own, **others})

    async def begin(self, mode: ProgramMode) -> tuple[Campaign, Program]:
        """A running campaign of forty leads, whose program begins six a day."""
        now = self.programs.clock.now()
        settings = CampaignSettings(admission=LeadAdmission.RELEASED_ONLY, keep_open=True)
        campaign, revision = draft(settings=settings)
        await self.campaigns.create(campaign, revision, request_id=campaign.id)
        people = [
            Person(public_identifier=f"person-{number}", company=f"Company {number}")
            for number in range(40)
        ]
        await LeadRepository(self.programs.campaign_pool, SEAL).add(campaign.id, people, now=now)
        campaign = await self.campaigns.start(campaign.id, now=now)
        program = Program(
            organization_id="org_north",
            program_id=new_id("prog"),
            campaign_id=campaign.id,
            state=ProgramState.ACTIVE,
            settings=new_settings("Spring", time_zone="Europe/Berlin"),
            created_at=now,
            updated_at=now,
        )
        await self.programs.rows.create(program, request_id=program.program_id)
        edit = ProgramEdit(changes={"mode": mode, "plan_per_day": 6})
        return campaign, await self.programs.rows.edit(program.program_id, edit, now=now)

    async def beginning(self, program: Program) -> ProgramDay:
        """A run of this moment, as its schedule begins it, up to its selection."""
        begun = await self.programs.activities.begin_run(
            BeginRun(
                organization_id=program.organization_id,
                program_id=program.program_id,
                type=RunType.DAILY,
                nominal_at=self.programs.clock.now(),
                trigger=RunTrigger.SCHEDULE,
                workflow_id=program.program_id,
            )
        )
        day = ProgramDay(
            organization_id=program.organization_id,
            program_id=program.program_id,
            run_id=begun.run_id,
            day=begun.day,
        )
        await self.day.read_senders(day)
        return day

    async def stop(self, program: Program, run_id: str, how: str) -> None:
        """As somebody does: the program, what it may do by itself, or one run of it."""
        now = self.programs.clock.now()
        states = {"pause": ProgramState.PAUSED, "delete": ProgramState.DELETED}
        if how in states:
            await self.programs.rows.to_state(program.program_id, states[how], now=now)
        elif how == "dry_run":
            edit = ProgramEdit(changes={"mode": ProgramMode.DRY_RUN})
            await self.programs.rows.edit(program.program_id, edit, now=now)
        else:
            run = await self.programs.run_rows.get(run_id)
            await self.programs.run_rows.end(run_id, run.nominal_at, RunState.CANCELLED, at=now)

    async def run(self, program: Program, *, late: timedelta = timedelta(), **asked: Any) -> None:
        nominal_at = self.programs.clock.now() - late
        await (await self.programs.start(program, nominal_at, **asked)).result()

    async def released(self) -> list[tuple[str, str]]:
        """Lead and release of each that may enter."""
        rows = await self.programs.campaign_pool.fetch(
            "SELECT id, release_id FROM leads WHERE released_at IS NOT NULL ORDER BY id"
        )
        return [(row["id"], row["release_id"]) for row in rows]

    async def decided(self, program: Program) -> list[Decision]:
        kinds = [DecisionKind.RELEASE_LEADS]
        since = program.created_at - timedelta(days=1)
        history = DecisionHistory(self.programs.pool)
        return await history.of_campaign("org_north", program.campaign_id, kinds, since=since)


async def _nobody(*_: str) -> None:
    return None
