"""A program's day in two activities: what senders can do, and who is released by that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from automation.decisions.decision import LeadSource
from automation.programs.program import Program
from automation.programs.program_repository import ProgramRepository
from automation.selection.day import Scorer
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.auth import set_principal
from servicekit.clock import Clock
from servicekit.telemetry import logs
from temporalio import activity

from outreach_worker.programs.contracts import ProgramDay
from outreach_worker.programs.day_contracts import (
    DayActivitiesContract,
    LeadsSelected,
    SendersRead,
)
from outreach_worker.programs.day_selection import DaySelection
from outreach_worker.senders.sender_readings import SenderReadings

log = logs.get_logger(__name__)

ScorerOf = Callable[[Program], Awaitable[Scorer | None]]
"""The model that ranks for a program; None: its rules do."""


class DayActivities(DayActivitiesContract):
    """Repeating one of them changes nothing: a day has one decision."""

    def __init__(
        self,
        programs: ProgramRepository,
        campaigns: CampaignRepository,
        readings: SenderReadings,
        selection: DaySelection,
        clock: Clock,
        *,
        scorer_of: ScorerOf,
    ) -> None:
        self._programs = programs
        self._campaigns = campaigns
        self._readings = readings
        self._selection = selection
        self._clock = clock
        self._scorer_of = scorer_of

    @activity.defn(name="read_senders")
    async def read_senders(self, day: ProgramDay) -> SendersRead:
        """Ask the gateway about each sender, and keep what it tells."""
        program = await self._programs.get(day.program_id)
        campaign = await self._campaigns.get(program.campaign_id)
        # The audit of the gateway names the program.
        set_principal(f"program:{program.program_id}", program.organization_id)
        heard = await self._readings.read(
            program.organization_id, campaign.account_ids, now=self._clock.now()
        )
        failed = {each.account_id: each.reason for each in heard.failed}
        return SendersRead(read=len(campaign.account_ids) - len(failed), failed=failed)

    @activity.defn(name="select_leads")
    async def select_leads(self, day: ProgramDay) -> LeadsSelected:
        """Rank, select, and record the decision, once a day."""
        program = await self._programs.get(day.program_id)
        selected = await self._selection.decide(
            program,
            day=day.day,
            run_id=day.run_id,
            now=self._clock.now(),
            model=await self._scorer_of(program),
        )
        decision, found = selected.decision, selected.day
        log.info("leads_selected", program_id=program.program_id, leads=len(found.leads))
        explored = sum(each.source is LeadSource.EXPLORATION for each in found.leads)
        return LeadsSelected(
            decision_id="" if decision is None else decision.id,
            applies=decision is not None and decision.is_approved,
            selected=len(found.leads),
            candidates=found.candidates,
            explored=explored,
            unused=found.unused_by_reason(),
        )
