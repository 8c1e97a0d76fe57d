"""Where a lead waits for its turn, and its switch to another revision of its sequence."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from campaigns.sequences.sequence import StepCategory

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

        None if the lead was stopped by a bug elsewhere: then it is to be taken up again.
        """
        parkings = self._parkings
        try:
            if step.kind.category is StepCategory.CONDITION:
                return await self._answer_to(performing)
            while step.kind.category is StepCategory.ACTION:
                await workflow.wait_condition(
                    lambda: (
                        performing.done() or self._wanted is not None or self._parkings != parkings
                    )
                )
                if self._parkings != parkings and not _came_to_its_end(performing):
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
        self, asking: workflow.ActivityHandle[StepPerformed]
    ) -> StepPerformed | None:
        """Wait for what a condition asks; None if it is not to be decided now, and was not."""
        parkings = self._parkings
        await workflow.wait_condition(
            lambda: (
                asking.done()
                or self._wanted is not None
                or self._paused_by_owner
                or self._parkings != parkings
            )
        )
        if not asking.done() and workflow.patched("turn-decided-anew"):
            asking.cancel()
            await workflow.wait_condition(asking.done)
            if asking.cancelled() or is_cancelled_exception(asking.exception() or Exception()):
                return None
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
        return await self._lasting(
            RevisionActivitiesContract.compare_revision,
            CompareRevision(
                campaign_id=self._lead.campaign_id,
                lead_id=self._lead.lead_id,
                revision_id=self._walking.revision_id,
                wanted_id=wanted,
                path=(*self._status.path, *begun),
                current=current,
            ),
            ROWS,
        )

    async def _adopt(self, plan: LeadPlan, *, keeps: str = "", answering: bool = False) -> None:
        """Go on with another plan; `keeps` waits for its turn already."""
        self._walk = self._walking.by(plan)
        # What has happened meanwhile may be recorded before this is, by the old plan.
        self._turn_unrecorded = answering or bool(keeps)
        turn = None if self._turn_unrecorded else self._walk.turn
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


def _came_to_its_end(performing: workflow.ActivityHandle[StepPerformed]) -> bool:
    """Whether there is a result, whatever stopped the lead meanwhile."""
    return performing.done() and not performing.cancelled() and performing.exception() is None
