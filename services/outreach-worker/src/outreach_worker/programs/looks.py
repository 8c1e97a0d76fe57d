"""A look of a run that decides something, and what follows from it at once."""

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from outreach_worker.decisions.contracts import DecidedChange, DecisionActivitiesContract
    from outreach_worker.programs.frame import RunFrame
    from outreach_worker.programs.review_contracts import Reviewed, ReviewedProgram

Look = Callable[[Any, ReviewedProgram], Awaitable[Reviewed]]


async def look(frame: RunFrame, at: Look, program: ReviewedProgram) -> None:
    """Have the program looked at, bring about what it decided by itself, and count both."""
    counts = frame.counts
    reviewed = await workflow.execute_activity_method(at, program, **frame.step)
    for kind, number in reviewed.decided.items():
        counts[kind] = counts.get(kind, 0) + number
    for decision_id in reviewed.awaited:
        await bring_about(frame, decision_id)


async def bring_about(frame: RunFrame, decision_id: str) -> None:
    """Have a decision take effect, and count what has become of it."""
    state = await workflow.execute_activity_method(
        DecisionActivitiesContract.bring_about,
        DecidedChange(decision_id=decision_id),
        **frame.step,
    )
    frame.counts[state] = frame.counts.get(state, 0) + 1
