"""What becomes of an activity that a bug of ours keeps from its end: one table decides."""

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

from campaigns.repositories.status_repository import StatusRepository
from campaigns.status_counts import Stall
from campaigns.workflow.contracts import campaign_workflow_id
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry import logs
from servicekit.temporal import bugs
from servicekit.temporal.bugs import Bug
from temporalio import activity

from outreach_worker.metrics import Metrics
from outreach_worker.steps.errors import ActionCalledOff

MOST_ATTEMPTS = 8
"""Attempts that end in a bug before people are told and, of a lead's activity, none follows."""

log = logs.get_logger(__name__)


class AfterBug(StrEnum):
    """What follows when an activity has come to `MOST_ATTEMPTS` bugs."""

    ENDS = "ends"
    """It ends: its workflow parks the lead, which goes on where people send it on, or the run
    fails."""
    STALLS = "stalls"
    """It is tried again once a minute: the campaign says so, and goes on by itself."""
    GOES_ON = "goes_on"
    """It is tried again: nothing waits for it but itself."""


AFTER_BUG_BY_WORKFLOW: Mapping[str, AfterBug] = {
    "Lead": AfterBug.ENDS,
    "Campaign": AfterBug.STALLS,
    # Its lead has ended: nothing is sent, and what the person wrote must not be lost.
    "LateAnswer": AfterBug.GOES_ON,
    # The run fails, and its row says so; the next day's is another one.
    "DailyProgram": AfterBug.ENDS,
    "WeeklyReview": AfterBug.ENDS,
    "TrainModel": AfterBug.ENDS,
    # Whoever asked for it by hand can ask again.
    "MakeReport": AfterBug.ENDS,
    # Its row still asks for it, and another workflow looks after that.
    "ApplyDecision": AfterBug.ENDS,
}
IN_THE_BACKGROUND = frozenset({"publish_event"})
"""Activities that hold no workflow up; bounded by the time that they may take."""


ANSWERED_BY_REFUSALS = frozenset({"pause_campaign", "resume_campaign", "stop_campaign"})
"""Activities whose workflow goes on when they are refused: somebody else was faster."""


def is_bug(workflow_type: str, activity_type: str, error: BaseException) -> bool:
    """Whether nobody foresaw it: a bug, or a refusal for good to what must not be refused.

    A refusal for good would fail the workflow, and be tried for ever where it is not one.
    """
    if bugs.is_bug(error):
        return True
    refused = isinstance(error, ServiceError) and not error.retried
    if not refused or isinstance(error, ActionCalledOff):
        return False
    return activity_type not in ANSWERED_BY_REFUSALS and workflow_type in AFTER_BUG_BY_WORKFLOW


def after_bug(workflow_type: str, activity_type: str) -> AfterBug:
    """What follows; a workflow that is not ours has its activities tried again."""
    if activity_type in IN_THE_BACKGROUND:
        return AfterBug.GOES_ON
    return AFTER_BUG_BY_WORKFLOW.get(workflow_type, AfterBug.GOES_ON)


class WorkerBugs:
    """Counts bugs, and decides by the table; it never fails an activity by itself."""

    def __init__(
        self,
        statuses: StatusRepository,
        metrics: Metrics,
        clock: Clock,
        *,
        most_attempts: int = MOST_ATTEMPTS,
    ) -> None:
        self._statuses = statuses
        self._metrics = metrics
        self._clock = clock
        self._most_attempts = most_attempts

    def is_bug(self, info: activity.Info, error: BaseException) -> bool:
        """Whether nobody foresaw what the activity raised."""
        return is_bug(info.workflow_type or "", info.activity_type, error)

    async def raised(self, bug: Bug) -> bool:
        """Hear of a bug; True if the activity ends with it."""
        self._metrics.activity_bugs.labels(bug.activity).inc()
        log.error("activity_bug", times=bug.times, bug_trace_id=bug.trace_id, exc_info=bug.error)
        if bug.times < self._most_attempts:
            return False
        after = after_bug(bug.workflow_type, bug.activity)
        match after:
            case AfterBug.ENDS:
                return True
            case AfterBug.STALLS:
                await self._note_stall(bug)
                return False
            case AfterBug.GOES_ON:
                return False
            case _:
                assert_never(after)

    async def ended(self, info: activity.Info) -> None:
        """What the campaign has said of this activity is over."""
        if after_bug(info.workflow_type or "", info.activity_type) is not AfterBug.STALLS:
            return
        try:
            campaign_id = _campaign_of(info.workflow_id or "")
            await self._statuses.note_progress(campaign_id, info.activity_type)
        except ServiceError as error:
            log.warning("stall_not_ended", why=error.reason)

    async def _note_stall(self, bug: Bug) -> None:
        stall = Stall(activity=bug.activity, trace_id=bug.trace_id, at=self._clock.now())
        try:
            await self._statuses.note_stall(_campaign_of(bug.workflow_id), stall)
        except ServiceError as error:
            log.warning("stall_not_noted", why=error.reason)


def _campaign_of(workflow_id: str) -> str:
    return workflow_id.removeprefix(campaign_workflow_id(""))
