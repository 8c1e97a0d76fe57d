"""What a run of a program asks of its row and of its campaign: ids and counts. No bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from automation.programs.program import ProgramMode
from automation.runs.run import RunState, RunTrigger, RunType
from campaigns.workflow.contracts import no_body
from temporalio import activity


class Beginning(StrEnum):
    """How the beginning of a run has come out."""

    BEGUN = "begun"
    ALREADY_RUN = "already_run"
    NOT_ACTIVE = "not_active"


@dataclass(frozen=True, kw_only=True)
class BeginRun:
    """A workflow wants to be the run of this nominal time."""

    organization_id: str
    program_id: str
    type: RunType
    nominal_at: datetime
    trigger: RunTrigger
    workflow_id: str
    actor: str = ""


@dataclass(frozen=True, kw_only=True)
class BegunRun:
    """Whether it is, and what holds for it."""

    beginning: Beginning
    run_id: str = ""
    day: str = ""
    """The nominal one, in the program's zone, as ISO 8601 has it."""
    mode: ProgramMode = ProgramMode.DRY_RUN
    current: bool = False
    """Whether the day is today's: who would be released is looked at of no other."""


@dataclass(frozen=True, kw_only=True)
class ProgramDay:
    """Whose day it is: `day` is the nominal one, in the program's zone."""

    organization_id: str
    program_id: str
    run_id: str
    day: str


@dataclass(frozen=True, kw_only=True)
class OutcomesCollected:
    """Where the leads of the campaign stand: how many, by their state and by what they did."""

    by_state: Mapping[str, int] = field(default_factory=dict)
    funnel: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EndRun:
    """How a run has ended, in counts."""

    run_id: str
    type: RunType
    nominal_at: datetime
    state: RunState
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str = ""


class RunActivitiesContract:
    """Implemented by `outreach_worker.programs.activities`."""

    @activity.defn(name="begin_run")
    async def begin_run(self, begin: BeginRun) -> BegunRun:
        """Be the run of a nominal time, unless another workflow is."""
        no_body()

    @activity.defn(name="collect_outcomes")
    async def collect_outcomes(self, day: ProgramDay) -> OutcomesCollected:
        """Count where the leads of the program's campaign stand."""
        no_body()

    @activity.defn(name="end_run")
    async def end_run(self, end: EndRun) -> None:
        """Record how it has ended; who has ended before stays as it ended."""
        no_body()
