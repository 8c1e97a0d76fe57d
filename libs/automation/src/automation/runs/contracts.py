"""Contracts of the workflows of programs: names, ids, inputs and results. No bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from campaigns.workflow.contracts import SandboxClock, no_body
from temporalio import workflow

from automation.runs.run import RunTrigger, RunType


def schedule_id(program_id: str, of: RunType) -> str:
    """One program and type of run, one schedule."""
    return f"program/{program_id}/{of.value}"


def run_workflow_id(program_id: str, of: RunType, nominal_at: datetime) -> str:
    """As Temporal calls what its schedule starts: the schedule and the nominal time."""
    moment = nominal_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{schedule_id(program_id, of)}-{moment}"


@dataclass(frozen=True, kw_only=True)
class RunInput:
    """Whose run it is; without a nominal time it is that of the schedule which starts it."""

    organization_id: str
    program_id: str
    trigger: RunTrigger = RunTrigger.SCHEDULE
    actor: str = ""
    nominal_at: datetime | None = None
    clock: SandboxClock | None = None


class RunOutcome(StrEnum):
    """What has come of a workflow."""

    COMPLETED = "completed"
    ALREADY_RUN = "already_run"
    """Another one was first with this nominal time: nothing was done."""
    NOT_ACTIVE = "not_active"
    """The program is paused or deleted: nothing was done, and there is no row."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What has come of it, and the row that says more."""

    outcome: RunOutcome
    run_id: str = ""


TRAINING_QUEUE = "training"
"""The task queue of the deployment that has what fits models."""


@workflow.defn(name="DailyProgram")
class DailyProgramContract:
    """A program's day: what is known, who is chosen, who is released."""

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:
        """Once a nominal time."""
        no_body()


@workflow.defn(name="WeeklyReview")
class WeeklyReviewContract:
    """A program's week: what is to stop, what its experiments say, and what follows."""

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:
        """Once a nominal time."""
        no_body()


@workflow.defn(name="TrainModel")
class TrainModelContract:
    """A model of what came of a program's invitations, and whether it is to rank."""

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:
        """Once a nominal time."""
        no_body()
