"""A program's day in two activities: what senders can do, and who is released by that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from automation.programs.program import Program
from automation.programs.program_repository import ProgramRepository
from automation.runs.run import Run, RunState
from automation.runs.run_repository import RunRepository
from automation.scoring.champion import Champion
from automation.selection.ahead.way_reading import WayReading
from automation.selection.capacity import Bound
from automation.selection.sender_readings import SenderReadings
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.auth import set_principal
from servicekit.clock import Clock
from servicekit.telemetry import logs
from temporalio import activity

from outreach_worker.programs.activities import is_current, may_run
from outreach_worker.programs.contracts import ProgramDay
from outreach_worker.programs.day_contracts import (
    DayActivitiesContract,
    LeadsSelected,
    SendersRead,
)
from outreach_worker.programs.day_selection import DaySelection, Selected

log = logs.get_logger(__name__)

ChampionOf = Callable[[str, str], Awaitable[Champion | None]]
"""The model that was promoted, by organization and program; None: the program's rules rank."""


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
        runs: RunRepository,
        ways: WayReading,
        champion_of: ChampionOf,
    ) -> None:
        self._programs = programs
        self._campaigns = campaigns
        self._readings = readings
        self._selection = selection
        self._clock = clock
        self._runs = runs
        self._ways = ways
        self._champion_of = champion_of

    @activity.defn(name="read_senders")
    async def read_senders(self, day: ProgramDay) -> SendersRead:
        """Ask the gateway about each sender, and keep what it tells."""
        program = await self._programs.get(day.program_id)
        campaign = await self._campaigns.get(program.campaign_id)
        # The audit of the gateway names the program.
        set_principal(f"program:{program.program_id}", program.organization_id)
        heard = await self._readings.read(
            program.organization_id,
            campaign.account_ids,
            days=await self._ways.days(campaign),
            now=self._clock.now(),
        )
        return SendersRead(read=len(heard.readings), failed=heard.failed)

    @activity.defn(name="select_leads")
    async def select_leads(self, day: ProgramDay) -> LeadsSelected:
        """Rank, select, and record the decision, once a day."""
        program = await self._programs.get(day.program_id)
        selected = await self._selection.decide(
            program,
            day=day.day,
            run_id=day.run_id,
            now=self._clock.now(),
            champion=await self._champion_of(program.organization_id, program.program_id),
            closed=self._closed(program, await self._runs.get(day.run_id)),
        )
        told = _told(selected)
        log.info("leads_selected", program_id=program.program_id, leads=told.selected)
        chosen = selected.day.chosen
        if chosen.refusal:
            log.warning(
                "champion_refused",
                program_id=program.program_id,
                model_id=chosen.model_id,
                reason=chosen.refusal,
            )
        return told

    def _closed(self, program: Program, run: Run) -> Bound | None:
        """What has become of the program, or of the day, while the run waited."""
        is_stopped = program.is_stopped_since(run.started_at) or not may_run(program, run.trigger)
        if run.state is not RunState.RUNNING or is_stopped:
            return Bound.PROGRAM_NOT_ACTIVE
        return None if is_current(run, self._clock) else Bound.DAY_OVER


def _told(selected: Selected) -> LeadsSelected:
    """The counts of the day's decision, whichever run made it; else of what was seen."""
    decision, found = selected.decision, selected.day
    inputs = found.inputs() if decision is None else decision.inputs
    return LeadsSelected(
        decision_id="" if decision is None else decision.id,
        applies=decision is not None and decision.is_approved,
        selected=sum(inputs.get("by_source", {}).values()),
        candidates=inputs.get("candidates", 0),
        explored=inputs.get("explored", 0),
        suppressed=inputs.get("suppressed") if decision or found.closed is None else None,
        unused=inputs.get("unused_by_reason", {}),
    )
