"""Where a lead waits for its turn, its switch to another revision of its sequence, and its end."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from campaigns.sequences.sequence import StepCategory
    from campaigns.sequences.time_limits import TimeLimit

    from outreach_worker.leads.plan import LeadPlan
    from outreach_worker.leads.revision_contracts import (
        AdoptRevision,
        Compared,
        CompareRevision,
        RevisionActivitiesContract,
    )
    from outreach_worker.leads.state import LeadRunState
    from outreach_worker.policies import CALL_OFF, ROWS
    from outreach_worker.steps.contracts import (
        CallOff,
        LinkedInActivitiesContract,
        PerformStep,
        StepPerformed,
    )


class SteppedBack(Exception):
    """The step whose turn it was is not performed now, and was taken back.

    By this plan it is another one; without one whose turn it is has to be decided anew.
    """

    def __init__(self, plan: LeadPlan | None) -> None:
        super().__init__(plan.revision_id if plan else "")
        self.plan = plan


class RevisionSwitch(LeadRunState):
    """Compares another revision where the lead waits, and adopts it if the lead may switch."""

    async def _in_turn(
        self, step: PerformStep, performing: workflow.ActivityHandle[StepPerformed]
    ) -> StepPerformed | None:
        """Wait until it is performed; a changed step is taken back, if it is not too late.

        None if the lead was stopped by a bug elsewhere, or is to leave the step out: then it is to
        be taken up again.
        """
        parkings = self._parkings
        try:
            if step.kind.category is StepCategory.CONDITION:
                return await self._answer_to(step, performing)
            if step.kind.category is StepCategory.WEBHOOK:
                await workflow.wait_condition(
                    lambda: performing.done() or step.step_id in self._skips
                )
                if not performing.done() and workflow.patched("webhook-left-out"):
                    return await _asked_no_more(performing)
            while step.kind.category is StepCategory.ACTION:
                await workflow.wait_condition(
                    lambda: (
                        performing.done()
                        or self._wanted is not None
                        or self._parkings != parkings
                        or step.step_id in self._skips
                    )
                )
                stopped = self._parkings != parkings or step.step_id in self._skips
                if stopped and not _came_to_its_end(performing):
                    performing.cancel()
                    return None
                if performing.done():
                    break
                stepped = await self._step_back(step, performing)
                if stepped is not None:
                    return stepped
            return await performing
        except asyncio.CancelledError:
            performing.cancel()
            if step.kind.category is StepCategory.WEBHOOK:
                # It comes to its end.
                return await performing
            raise

    async def _answer_to(
        self, step: PerformStep, asking: workflow.ActivityHandle[StepPerformed]
    ) -> StepPerformed | None:
        """Wait for what a condition asks; None if it is not to be decided now, and was not."""
        parkings = self._parkings
        await workflow.wait_condition(
            lambda: (
                asking.done()
                or self._wanted is not None
                or self._paused_by_owner
                or self._parkings != parkings
                or step.step_id in self._skips
            )
        )
        if not asking.done() and workflow.patched("turn-decided-anew"):
            return await _asked_no_more(asking)
        return await asking

    async def _step_back(
        self, step: PerformStep, performing: workflow.ActivityHandle[StepPerformed]
    ) -> StepPerformed | None:
        """Look at another revision; None if the step goes on to wait for its turn.

        Raises `SteppedBack` if the step was taken back.
        """
        begun = (step.step_id,) if step.n > 1 else ()
        compared = await self._compare(current=step.step_id, begun=begun)
        plan = compared.plan
        if plan is None:
            return None
        if begun or (compared.current_unchanged and self._is_due(step.step_id, plan)):
            await self._adopt(plan, keeps=step.step_id)
            return None
        performing.cancel()
        taken_back = await self._lasting(
            LinkedInActivitiesContract.take_back_step,
            CallOff(step=step, reason="SEQUENCE_CHANGED"),
            CALL_OFF,
        )
        if taken_back.performed is not None:
            # It was too late: the lead is past the change.
            return taken_back.performed
        self._performing = None
        self._again[step.step_id] = step.again + 1
        raise SteppedBack(plan)

    async def _revise(self) -> None:
        """Look at another revision between two steps."""
        compared = await self._compare()
        if compared.plan is not None:
            await self._adopt(compared.plan)

    def _is_due(self, step_id: str, plan: LeadPlan) -> bool:
        """Whether it is that step's turn by another plan, and its time has come."""
        turn = self._walking.by(plan).turn
        if turn is None or turn.step_id != step_id:
            return False
        # Before, it kept its place however far off its time was.
        return not workflow.patched("edit-adopted-whole") or turn.not_before <= self._now()

    async def _record_turn_anew(self) -> None:
        """Record whose turn it is, where another plan was adopted in the middle of a step."""
        if self._turn_unrecorded and workflow.patched("edit-adopted-whole"):
            await self._adopt(self._walking.plan)
        self._turn_unrecorded = False

    async def _compare(self, *, current: str = "", begun: tuple[str, ...] = ()) -> Compared:
        wanted, self._wanted = self._wanted or "", None
        comparison = self._comparison(wanted=wanted, current=current, begun=begun)
        return await self._lasting(RevisionActivitiesContract.compare_revision, comparison, ROWS)

    def _comparison(
        self, *, wanted: str = "", current: str = "", begun: tuple[str, ...] = ()
    ) -> CompareRevision:
        return CompareRevision(
            campaign_id=self._lead.campaign_id,
            lead_id=self._lead.lead_id,
            revision_id=self._walking.revision_id,
            wanted_id=wanted,
            path=(*self._status.path, *begun),
            current=current,
            policies=self._walking.plan.policies,
        )

    async def _adopt(self, plan: LeadPlan, *, keeps: str = "", answering: bool = False) -> None:
        """Go on with another plan; `keeps` waits for its turn already."""
        self._walk = self._walking.by(plan)
        if (reached := self._limit_reached) and self._walk.turn and not self._over_because:
            # Its row was read for this plan just now.
            self._over = reached.reason
        # What has happened meanwhile may be recorded before this is, by the old plan.
        self._turn_unrecorded = answering or bool(keeps)
        turn = None if self._turn_unrecorded else self._walk.turn
        if turn is not None:
            # A step that is no longer the next one is not left out when it comes back.
            self._skips = {each: by for each, by in self._skips.items() if each == turn.step_id}
        await self._lasting(
            RevisionActivitiesContract.adopt_revision,
            AdoptRevision(
                campaign_id=self._lead.campaign_id,
                lead_id=self._lead.lead_id,
                revision_id=plan.revision_id,
                since=self._walk.since,
                step_id=turn.step_id if turn else keeps,
                keeps=bool(keeps),
            ),
            ROWS,
        )

    # --- The end that the campaign has now ---

    async def _until_over(self) -> None:
        """Return when the lead's time is over, however often its campaign moves that moment."""
        while not self._over_because:
            if self._limit_reached:
                reached = await self._asked_for_limit()
                if reached is None:
                    continue
                # Where no turn is left the lead has come to its end in time.
                self._over = reached.reason if self._walking.turn is not None else ""
                return
            limit, left = self._limit, None
            if limit is not None:
                left = max(self._clock.real(limit.at - self._now()), timedelta(milliseconds=1))
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self._limit != limit,  # noqa: B023 - awaited within the round
                    timeout=left,
                    timeout_summary="Until the lead's time is over",
                )

    async def _asked_for_limit(self) -> TimeLimit | None:
        """Take over the limit that the campaign has now; what of it has come.

        It is told where a lead waits, page by page: one that is parked, or whose webhook cannot be
        delivered, has not heard of it. Another revision is left to whoever walks.
        """
        compared = await self._lasting(
            RevisionActivitiesContract.compare_revision, self._comparison(), ROWS
        )
        if compared.plan is not None:
            end_at, longest = compared.plan.end_at, compared.plan.longest_seconds
            plan = replace(self._walking.plan, end_at=end_at, longest_seconds=longest)
            self._walk = self._walking.by(plan)
        return self._limit_reached

    async def _ends(self) -> bool:
        """Whether the lead must end; where its limit has come, once its row was asked."""
        if self._limit_reached and not self._must_end():
            await workflow.wait_condition(lambda: not self._limit_reached or self._must_end())
        return self._must_end()


async def _asked_no_more(
    asking: workflow.ActivityHandle[StepPerformed],
) -> StepPerformed | None:
    """Cancel it and wait for it; None if it has come to nothing."""
    asking.cancel()
    await workflow.wait_condition(asking.done)
    if asking.cancelled() or is_cancelled_exception(asking.exception() or Exception()):
        return None
    return await asking


def _came_to_its_end(performing: workflow.ActivityHandle[StepPerformed]) -> bool:
    """Whether there is a result, whatever stopped the lead meanwhile."""
    return performing.done() and not performing.cancelled() and performing.exception() is None
