"""Admit leads, page by page, never more than the campaign allows at once."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from campaigns.models import CampaignState
    from campaigns.workflow.contracts import (
        AskAnew,
        CampaignContract,
        CampaignInput,
        CampaignResult,
        StopCampaign,
        UpdateWorkflow,
    )
    from campaigns.workflow.progress import CampaignProgress, WorkflowMetrics

    from outreach_worker import policies
    from outreach_worker.campaigns.contracts import (
        Admitted,
        CampaignActivitiesContract,
        CampaignControlActivitiesContract,
        CampaignRef,
        ControlCommand,
        EndCampaign,
    )
    from outreach_worker.campaigns.publications import Publications
    from outreach_worker.campaigns.waking import Waking
    from outreach_worker.events.contracts import (
        CAMPAIGN_PAUSED,
        CAMPAIGN_RESUMED,
        CAMPAIGN_STARTED,
        CustomerEvent,
    )
    from outreach_worker.policies import ADMISSION, CONTROL, ROWS, slow_check
    from outreach_worker.workflow_clock import clock_of


@workflow.defn(name="Campaign")
class CampaignWorkflow(CampaignContract):
    """Admit, wait for room or for time, admit again; until every lead has ended."""

    @workflow.init
    def __init__(self, campaign: CampaignInput) -> None:
        self._campaign = CampaignRef(campaign_id=campaign.campaign_id)
        self._sandbox = campaign.clock
        self._clock = clock_of(campaign.clock)
        self._started = campaign.started
        self._paused = campaign.paused
        self._stopping = campaign.stopping
        self._complete_current = campaign.complete_current_executions
        self._called_off = False
        self._woken = False
        self._rounds = campaign.rounds
        self._admitted = campaign.admitted
        self._looked = Admitted()
        self._next_look_at: datetime | None = None
        self._waking = Waking(campaign.campaign_id)
        self._untold = campaign.untold
        self._published = Publications()

    @workflow.run
    async def run(self, campaign: CampaignInput) -> CampaignResult:  # noqa: ARG002 - __init__ has it
        if not self._started:
            self._started = True
            self._publish(CAMPAIGN_STARTED)
        for each in self._untold:
            self._publish(each.type, key=each.key, at=each.at)
        for _ in range(policies.ROUNDS_PER_RUN):
            if workflow.info().is_continue_as_new_suggested():
                break
            ended = await self._round()
            if ended is not None:
                await self._published.end()
                await workflow.wait_condition(workflow.all_handlers_finished)
                return CampaignResult(state=ended)
        return await self._continue_as_new()

    @workflow.signal
    async def pause(self) -> None:
        if not self._paused and not self._stopping:
            self._paused = True
            self._publish(CAMPAIGN_PAUSED, key=str(workflow.uuid4()))

    @workflow.signal
    async def resume(self) -> None:
        if self._paused:
            self._paused = False
            if not self._stopping:
                self._publish(CAMPAIGN_RESUMED, key=str(workflow.uuid4()))
        self._woken = True

    @workflow.signal
    async def stop(self, stop: StopCampaign) -> None:
        # Calling leads off can be added to a stop, not taken back.
        complete = stop.complete_current_executions
        self._complete_current = complete and (self._complete_current or not self._stopping)
        self._stopping = True
        self._woken = True

    @workflow.signal
    async def room_freed(self) -> None:
        self._woken = True

    @workflow.signal
    async def leads_added(self) -> None:
        self._woken = True

    @workflow.signal(name="pauseCampaign")
    async def pause_campaign(self, reason: str = "") -> None:
        await self._control(
            CampaignControlActivitiesContract.pause_campaign, self._command(reason=reason)
        )

    @workflow.signal(name="resumeCampaign")
    async def resume_campaign(self) -> None:
        await self._control(CampaignControlActivitiesContract.resume_campaign, self._command())

    @workflow.signal(name="stopCampaign")
    async def stop_campaign(self, stop: StopCampaign | None = None) -> None:
        stop = stop or StopCampaign()
        await self._control(
            CampaignControlActivitiesContract.stop_campaign,
            self._command(
                reason=stop.reason,
                complete_current_executions=stop.complete_current_executions,
            ),
        )

    @workflow.signal(name="updateWorkflow")
    async def update_workflow(self, update: UpdateWorkflow | None = None) -> None:  # noqa: ARG002 - the row says which
        self._woken = True
        await workflow.execute_activity_method(
            CampaignActivitiesContract.signal_revision, self._campaign, **ADMISSION
        )

    @workflow.signal
    async def ask_anew(self, ask: AskAnew) -> None:
        # A worker of before let such a signal pass.
        if workflow.patched("leads-ask-anew"):
            await self._waking.wake(ask)

    @workflow.query(name="getCampaignStatus")
    def campaign_status(self) -> CampaignProgress:
        return CampaignProgress(
            campaign_id=self._campaign.campaign_id,
            state=self._state,
            running=self._looked.running,
            ready=self._looked.ready,
            next_look_at=self._next_look_at,
        )

    @workflow.query(name="getWorkflowMetrics")
    def metrics(self) -> WorkflowMetrics:
        info = workflow.info()
        return WorkflowMetrics(
            history_events=info.get_current_history_length(),
            history_bytes=info.get_current_history_size(),
            unpublished_events=len(self._published.untold),
            counts={"rounds": self._rounds, "admitted": self._admitted},
        )

    def _command(
        self, *, reason: str = "", complete_current_executions: bool = False
    ) -> ControlCommand:
        return ControlCommand(
            campaign_id=self._campaign.campaign_id,
            reason=reason,
            complete_current_executions=complete_current_executions,
        )

    @property
    def _state(self) -> CampaignState:
        if self._stopping:
            return CampaignState.STOPPING
        return CampaignState.PAUSED if self._paused else CampaignState.RUNNING

    async def _control(
        self,
        verb: Callable[[Any, ControlCommand], Coroutine[Any, Any, None]],
        command: ControlCommand,
    ) -> None:
        """Do as an operator says; the verb's own signal then changes the state here."""
        try:
            await workflow.execute_activity_method(verb, command, **CONTROL)
        except ActivityError as error:
            # It has ended, or somebody was faster: what is true now is in the row.
            workflow.logger.warning("control_refused", exc_info=error)

    async def _round(self) -> CampaignState | None:
        """One look at the list, and what follows from it; the state if that is the end."""
        if self._paused and not self._stopping:
            self._show_details()
            await workflow.wait_condition(lambda: not self._paused or self._stopping)
        self._woken = False
        if self._stopping:
            await self._call_off()
        admitted = await workflow.execute_activity_method(
            CampaignActivitiesContract.admit_leads, self._campaign, **ADMISSION
        )
        self._rounds += 1
        self._admitted += admitted.started
        self._looked = admitted
        if admitted.ready == 0 and admitted.running == 0:
            ended = await self._end()
            if ended is not None:
                return ended
        if not admitted.more:
            await self._wait(admitted)
        return None

    async def _call_off(self) -> None:
        """End the leads that were not admitted and, if so ordered, ask the others to end."""
        await workflow.execute_activity_method(
            CampaignActivitiesContract.stop_ready_leads, self._campaign, **ROWS
        )
        if not self._complete_current and not self._called_off:
            await workflow.execute_activity_method(
                CampaignActivitiesContract.call_off_leads, self._campaign, **ADMISSION
            )
            self._called_off = True

    async def _wait(self, admitted: Admitted) -> None:
        """Until something has changed; a slow look at the list stands behind every signal."""
        now, wait = self._clock.at(workflow.now()), slow_check(self._clock)
        if admitted.next_at is not None:
            wait = self._clock.real(admitted.next_at - now)
        if admitted.look_by is not None:
            wait = min(wait, self._clock.real(admitted.look_by - now))
        self._next_look_at = self._clock.at(workflow.now()) + self._clock.virtual(wait)
        self._show_details()
        if not self._woken and wait > timedelta():
            try:
                await workflow.wait_condition(
                    lambda: self._woken or self._paused,
                    timeout=wait,
                    timeout_summary="Until the list is looked at again",
                )
            except TimeoutError:
                return

    def _show_details(self) -> None:
        workflow.set_current_details(
            f"{self._state.capitalize()}: {self._looked.running} leads in the sequence, "
            f"{self._looked.ready} waiting to begin"
        )

    async def _end(self) -> CampaignState | None:
        end = await workflow.execute_activity_method(
            CampaignActivitiesContract.end_campaign,
            EndCampaign(campaign_id=self._campaign.campaign_id, stopped=self._stopping),
            **ROWS,
        )
        self._published.begin(*end.unpublished)
        return end.state

    async def _continue_as_new(self) -> NoReturn:
        carries = workflow.patched("untold-events-go-along")
        if not carries and workflow.info().get_current_history_length() < policies.LONGEST_HISTORY:
            await self._published.end()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            CampaignInput(
                campaign_id=self._campaign.campaign_id,
                clock=self._sandbox,
                started=self._started,
                paused=self._paused,
                stopping=self._stopping,
                complete_current_executions=self._complete_current,
                rounds=self._rounds,
                admitted=self._admitted,
                untold=self._published.untold if carries else (),
            )
        )

    def _publish(self, event_type: str, *, key: str = "", at: datetime | None = None) -> None:
        self._published.begin(
            CustomerEvent(
                type=event_type,
                campaign_id=self._campaign.campaign_id,
                at=at or self._clock.at(workflow.now()),
                key=key,
            )
        )
