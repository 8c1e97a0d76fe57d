"""What a program has approved by itself is done only as long as it may still act."""

from __future__ import annotations

from automation.decisions.autonomy import acts_by_itself
from automation.decisions.decision import Decision, DecisionKind
from automation.errors import (
    DecisionLapsed,
    ProgramActsNoMore,
    ProgramDeleted,
    ProgramPaused,
    RunEnded,
    RunNotFound,
)
from automation.programs.program import Program, ProgramState
from automation.programs.program_repository import ProgramRepository
from automation.runs.run import Run, RunState, RunTrigger
from automation.runs.run_repository import RunRepository
from servicekit.clock import Clock

from outreach_worker.decisions.lateness import is_too_late

_CALLED_OFF = frozenset({RunState.CANCELLED, RunState.TERMINATED})
"""Somebody has ended the run: nothing of it is to follow."""


class CallingOff:
    """A decision that was approved waits for whatever is away; meanwhile people change their minds.

    What a member has approved is theirs: only the program's end calls it off, also that of one
    which is back.
    """

    def __init__(self, programs: ProgramRepository, runs: RunRepository, clock: Clock) -> None:
        self._programs = programs
        self._runs = runs
        self._clock = clock

    async def reason(self, decision: Decision) -> str:
        """Why it is not to be done any more, as errors have it; empty if it is.

        Raises `ProgramNotFound`.
        """
        program = await self._programs.get(decision.program_id)
        decided_at = decision.answered_at or decision.created_at
        if program.state is ProgramState.DELETED or program.is_deleted_since(decided_at):
            return ProgramDeleted.reason
        if decision.answered_by != f"program:{decision.program_id}":
            return ""
        run = await self._run(decision)
        if run is not None and run.state in _CALLED_OFF:
            return RunEnded.reason
        return _of_program(decision, program, run) or self._of_its_day(decision)

    async def _run(self, decision: Decision) -> Run | None:
        try:
            return await self._runs.get(decision.run_id)
        except RunNotFound:
            return None

    def _of_its_day(self, decision: Decision) -> str:
        is_release = decision.kind is DecisionKind.RELEASE_LEADS
        late = is_release and is_too_late(decision.created_at, self._clock)
        return DecisionLapsed.reason if late else ""


def _of_program(decision: Decision, program: Program, run: Run | None) -> str:
    # Whoever starts a run of a paused program wants what it does; who pauses it then does not.
    meant = (
        run is not None
        and run.trigger is RunTrigger.MANUAL
        and not program.is_stopped_since(run.started_at)
    )
    if program.state is not ProgramState.ACTIVE and not meant:
        return ProgramPaused.reason
    if not acts_by_itself(program.settings.mode, decision.kind):
        return ProgramActsNoMore.reason
    return ""
