"""Records how steps end, and publishes it."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import ConnectionState, StepExecution, StepState
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.descriptions import describe_passage
from campaigns.sequences.sequence import Step, StepOutcome, exit_taken, next_turn
from campaigns.sequences.variants import variant_of
from servicekit.tables import total
from servicekit.telemetry import logs

from outreach_worker.events import lead_events
from outreach_worker.events.contracts import CustomerEvent
from outreach_worker.events.publisher import Publisher
from outreach_worker.metrics import Metrics
from outreach_worker.steps.contracts import PerformStep, StepPerformed
from outreach_worker.steps.results import StepResult, result_that_stands
from outreach_worker.steps.task import StepTask

_STATES = total(
    StepOutcome,
    {
        StepOutcome.DONE: StepState.DONE,
        StepOutcome.SKIPPED: StepState.SKIPPED,
        StepOutcome.FAILED: StepState.FAILED,
        # What becomes of an invitation comes after the step was done.
        StepOutcome.ACCEPTED: StepState.DONE,
        StepOutcome.NOT_ACCEPTED: StepState.DONE,
    },
)

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What a step has done to the connection between lead and account."""

    invited: bool = False
    connected: bool = False
    accepted: bool = False
    withdrawn: bool = False


class StepRecorder:
    """Every row is written once per step, however often a step is attempted."""

    def __init__(
        self,
        leads: LeadRepository,
        steps: StepRepository,
        revisions: RevisionCache,
        publisher: Publisher,
        metrics: Metrics,
    ) -> None:
        self._leads = leads
        self._steps = steps
        self._revisions = revisions
        self._publisher = publisher
        self._metrics = metrics

    async def record(
        self,
        task: StepTask,
        result: StepResult,
        *,
        at: datetime,
        connection: Connection | None = None,
        condition_holds: bool = False,
        webhook: CustomerEvent | None = None,
    ) -> StepPerformed:
        """Record how the step ended, publish it, and record who is next.

        `webhook` is what the step itself has to say, to the endpoint that it names.
        """
        asked, step = task.asked, task.compiled
        connection = connection or Connection()
        if result.ours:
            self._metrics.malformed_requests.labels(step.kind).inc()
            log.error("request_malformed", action_id=task.action_id, detail=result.detail)
        variant = variant_of(step, lead_id=asked.lead_id)
        exit_name = ""
        if not result.lead_failed:
            exit_name = exit_taken(step, lead_id=asked.lead_id, answer=condition_holds)
        ended = StepExecution(
            step_id=step.step_id,
            state=_STATES[result.outcome],
            reason=result.reason,
            detail=result.detail or _detail(step, result, exit_name),
            started_at=at,
            ended_at=at,
            exit_name=exit_name,
            variant=variant.name if variant else "",
        )
        async with self._publisher.together():
            await self._record_connection(asked.lead_id, connection, at=at)
            stands = await self._steps.record(asked.campaign_id, asked.lead_id, step.kind, ended)
            as_ended = (stands.state, stands.reason) == (ended.state, ended.reason)
            if webhook is not None and as_ended:
                await self._publisher.publish(webhook, endpoint_id=step.endpoint_id)
            await self._publish(asked, stands, connection, at=at)
        if not as_ended:
            # An attempt before this one has ended otherwise, and has been told of already.
            result = result_that_stands(stands, invited=asked.invited)
        self._metrics.steps.labels(step.kind, result.outcome).inc()
        return await self._follow(task, stands, result, connection, at=at)

    async def recorded(self, task: StepTask) -> StepPerformed | None:
        """How the step has ended already, as its row has it; None if it has not."""
        asked = task.asked
        stands = await self._steps.ended(asked.lead_id, asked.step_id)
        if stands is None or stands.ended_at is None:
            return None
        result = result_that_stands(stands, invited=asked.invited)
        # A release of before may have died before anybody was told.
        await self._publish(asked, stands, Connection(), at=stands.ended_at)
        return await self._follow(task, stands, result, Connection(), at=stands.ended_at)

    async def _follow(
        self,
        task: StepTask,
        stands: StepExecution,
        result: StepResult,
        connection: Connection,
        *,
        at: datetime,
    ) -> StepPerformed:
        """Record who is next after a step that has ended."""
        asked, step = task.asked, task.compiled
        outcome = _outcome_for_path(step, result, connection)
        if outcome is not None:
            await self.record_turn_after(
                asked.campaign_id,
                asked.lead_id,
                step.step_id,
                outcome,
                revision_id=asked.revision_id,
                at=at,
                exit_name=stands.exit_name,
            )
        return StepPerformed(
            outcome=result.outcome,
            at=at,
            reason=result.reason,
            lead_failed=result.reason if result.lead_failed else "",
            invited=connection.invited,
            connected=connection.connected,
            exit_name=stands.exit_name,
        )

    async def _record_connection(
        self, lead_id: str, connection: Connection, *, at: datetime
    ) -> None:
        if connection.invited:
            await self._leads.record_connection(lead_id, ConnectionState.INVITED, at=at)
        if connection.connected:
            await self._leads.record_connection(lead_id, ConnectionState.CONNECTED, at=at)
        if connection.withdrawn:
            await self._leads.record_connection(lead_id, ConnectionState.WITHDRAWN, at=at)

    async def record_turn_after(
        self,
        campaign_id: str,
        lead_id: str,
        step_id: str,
        outcome: StepOutcome,
        *,
        revision_id: str,
        at: datetime,
        exit_name: str = "",
    ) -> None:
        """Record whose turn it is after this outcome of a step, if the path goes on.

        By the revision that the lead follows when it is recorded; `revision_id` is the one that
        it followed when it asked.
        """
        while True:
            sequence = await self._revisions.sequence(revision_id)
            step = sequence.step(step_id)
            turn = next_turn(sequence, step, outcome, at=at, exit_name=exit_name)
            if turn is None or await self._steps.wait(
                campaign_id,
                lead_id,
                sequence.step(turn.step_id),
                revision_id=revision_id,
                since=at,
            ):
                return
            revision_id = (await self._leads.get(campaign_id, lead_id)).revision_id

    async def _publish(
        self,
        step: PerformStep,
        stands: StepExecution,
        connection: Connection,
        *,
        at: datetime,
    ) -> None:
        ids = step.campaign_id, step.lead_id
        events = [lead_events.step_ended(*ids, stands, at=at)]
        if connection.accepted:
            events.append(lead_events.accepted(*ids, at=at))
        await self._publisher.publish(*events)


def _detail(step: Step, result: StepResult, exit_name: str) -> str:
    return describe_passage(step, exit_name) if result.outcome is StepOutcome.DONE else ""


def _outcome_for_path(step: Step, result: StepResult, connection: Connection) -> StepOutcome | None:
    """What decides who is next; None while that depends on the person, or nobody is."""
    if result.lead_failed:
        return None
    if step.waits_for_acceptance and result.outcome is StepOutcome.DONE:
        return StepOutcome.ACCEPTED if connection.connected else None
    return result.outcome
