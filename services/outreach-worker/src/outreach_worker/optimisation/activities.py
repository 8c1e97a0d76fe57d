"""The looks of a review, and what its decisions change."""

from __future__ import annotations

from collections import Counter

from automation.programs.program_repository import ProgramRepository
from servicekit.clock import Clock
from temporalio import activity

from outreach_worker.optimisation.review import Found, Review
from outreach_worker.programs.review_contracts import (
    ReviewActivitiesContract,
    Reviewed,
    ReviewedProgram,
)


class ReviewActivities(ReviewActivitiesContract):
    """Repeating one of them finds the decisions of the first time."""

    def __init__(
        self,
        programs: ProgramRepository,
        review: Review,
        clock: Clock,
    ) -> None:
        self._programs = programs
        self._review = review
        self._clock = clock

    @activity.defn(name="judge_experiments")
    async def judge_experiments(self, program: ReviewedProgram) -> Reviewed:
        """Record what the experiments of the program's campaign lead to."""
        found = await self._programs.get(program.program_id)
        now = self._clock.now()
        judged = await self._review.judge(found, run_id=program.run_id, now=now)
        return _reviewed(judged, run_id=program.run_id)

    @activity.defn(name="check_guardrails")
    async def check_guardrails(self, program: ReviewedProgram) -> Reviewed:
        """Record what is to be paused."""
        found = await self._programs.get(program.program_id)
        now = self._clock.now()
        guarded = await self._review.guard(found, run_id=program.run_id, now=now)
        return _reviewed(guarded, run_id=program.run_id)


def _reviewed(found: Found, *, run_id: str) -> Reviewed:
    """Counted are those of this run; of earlier ones some may still be awaited."""
    decided = Counter(each.kind.value for each in found.decisions if each.run_id == run_id)
    return Reviewed(decided=dict(decided), awaited=tuple(found.awaited))
