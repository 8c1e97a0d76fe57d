"""Signals, edits and ends come to leads of which activities are under way, on the real server.

Temporal's time-skipping test server refuses a workflow task that cancels an activity which has come
to its end since the task began (`ACTIVITY_UNKNOWN`), and never gives the task out again: a story of
`skipping` hangs then. The real one takes it, as its own protocol says, and leads rely on that.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, get_type_hints

import pytest
from campaigns.answers import AutomaticReplies, OwnerMessages
from campaigns.workflow.contracts import (
    EndLead,
    InvitationAccepted,
    LeadContract,
    LeadInput,
    LeadResult,
    OwnerWrote,
    ReplyReceived,
    SkipStep,
)
from outreach_worker.leads.plan import PlanStep
from outreach_worker.leads.workflow import LeadWorkflow
from servicekit.clock import Clock
from servicekit.ids import new_id
from temporalio import activity
from temporalio.api.command.v1 import (
    Command,
    RequestCancelActivityTaskCommandAttributes,
    ScheduleActivityTaskCommandAttributes,
)
from temporalio.api.common.v1 import ActivityType
from temporalio.api.enums.v1 import CommandType, EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    PollActivityTaskQueueRequest,
    PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
    RespondActivityTaskCompletedRequest,
    RespondWorkflowTaskCompletedRequest,
)
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    UnsandboxedWorkflowRunner,
    Worker,
)

from tests import laws
from tests.fakes.lead_story import (
    ASKED,
    HOOK,
    INVITE,
    MESSAGE,
    VISIT,
    WITHDRAW,
    Comes,
    Story,
    breaks,
    breaks_once,
    done,
    failed,
    never,
    waits,
)
from tests.integration.outreach_worker.breakable import name_of
from tests.integration.outreach_worker.leads.test_revision_switch import update

AT_ONCE = 20
MOST_ROUNDS = 5
LONGEST = 0.12
"""Seconds that an activity takes at most, and between two deeds."""
SHORT = 0.05
LONG = 200.0
"""Seconds: a task that is lost on its way to the worker is given out again when its time is over,
which for what waits for the gateway is more than a minute.
"""

Handle = WorkflowHandle[Any, LeadResult]


def _soon(step: PlanStep) -> PlanStep:
    """The same step, with moments for its days."""
    exits = tuple(replace(each, delay_seconds=0.0) for each in step.exits)
    return replace(step, next_delay_seconds=SHORT, accept_within_seconds=2 * SHORT, exits=exits)


PLAN = tuple(map(_soon, (VISIT, INVITE, MESSAGE, WITHDRAW, HOOK)))
VISITED_FIRST = _soon(replace(VISIT, next_step_id="asked"))
CONDITION = replace(_soon(ASKED), exits=tuple(replace(e, step_id="invite") for e in ASKED.exits))
FORKED = (VISITED_FIRST, CONDITION, *PLAN[1:])
HOOKED = (replace(PLAN[0], next_step_id="hook"), PLAN[4])
VISITED = (replace(PLAN[0], next_step_id=None),)
INVITED = (replace(PLAN[1], next_step_id="hook", not_accepted_step_id="hook"), PLAN[4])
PLANS = (PLAN, FORKED, HOOKED, VISITED, INVITED)
COMES: tuple[Callable[[], Comes], ...] = (
    done,
    lambda: done(connected=True),
    lambda: failed("NO_POSTS"),
    never,
    lambda: waits(timedelta(seconds=SHORT), times=2, then=done()),
    lambda: breaks(until_again=1, then=done()),
    lambda: breaks_once(then=done()),
)


class Slow(Interceptor):
    """Activities that take a moment, to have what is told come between effect and answer."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def intercept_activity(
        self,
        next: ActivityInboundInterceptor,  # noqa: A002 - the SDK's name
    ) -> ActivityInboundInterceptor:
        return _SlowActivity(next, self._random)


class _SlowActivity(ActivityInboundInterceptor):
    def __init__(self, inner: ActivityInboundInterceptor, random: Random) -> None:
        super().__init__(inner)
        self._random = random

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        result = await super().execute_activity(input)
        await asyncio.sleep(self._random.uniform(0, LONGEST))
        return result


def story_of(random: Random) -> Story:
    steps = random.choice(PLANS)
    return Story(
        steps=steps,
        comes={each.step_id: random.choice(COMES)() for each in FORKED if random.random() < 1 / 2},
        revisions={f"seq_{n}": random.choice((steps, *PLANS)) for n in (2, 3, 4)},
        continue_after_reply=random.random() < 1 / 2,
        automatic_replies=random.choice(list(AutomaticReplies)),
        owner_messages=random.choice(list(OwnerMessages)),
        too_late=random.random() < 1 / 3,
    )


Deed = Callable[[Handle, Random, int], Awaitable[None]]


async def _reply(handle: Handle, random: Random, n: int) -> None:
    automatic, now = random.random() < 1 / 2, Clock.real_time().now()
    reply = ReplyReceived(event_id=f"in_{n}", at=now, automatic=automatic)
    await handle.signal(LeadContract.reply_received, reply)


async def _write(handle: Handle, _: Random, n: int) -> None:
    wrote = OwnerWrote(event_id=f"in_{n}", at=Clock.real_time().now())
    await handle.signal(LeadContract.owner_wrote, wrote)


async def _accept(handle: Handle, _: Random, n: int) -> None:
    accepted = InvitationAccepted(event_id=f"in_{n}", at=Clock.real_time().now())
    await handle.signal(LeadContract.invitation_accepted, accepted)


async def _update(handle: Handle, random: Random, _: int) -> None:
    await update(handle, random.choice(("seq_2", "seq_3", "seq_4")))


async def _skip(handle: Handle, random: Random, _: int) -> None:
    skipped = random.choice(FORKED).step_id
    await handle.signal(LeadContract.skip_step, SkipStep(step_id=skipped))


async def _retry(handle: Handle, _: Random, __: int) -> None:
    await handle.signal(LeadContract.retry)


async def _end(handle: Handle, _: Random, __: int) -> None:
    await handle.signal(LeadContract.end, EndLead(reason="COLLEAGUE_REPLIED"))


async def _cancel(handle: Handle, _: Random, __: int) -> None:
    await handle.cancel()


DEEDS: tuple[Deed, ...] = (_reply, _write, _accept, _update, _update, _skip, _skip, _retry)
LAST: tuple[Deed, ...] = (_end, _cancel)


def shared(stories: Mapping[str, Story]) -> list[Callable[..., Any]]:
    """The activities of one worker for many stories, each of its own lead."""

    def of_lead(method: Callable[..., Any]) -> Callable[..., Any]:
        async def run(argument: Any) -> Any:
            story = stories[getattr(argument, "step", argument).lead_id]
            return await getattr(story, method.__name__)(argument)

        hints = get_type_hints(method)
        result = hints.pop("return")
        (argument,) = hints.values()
        run.__annotations__ = {"argument": argument, "return": result}
        return activity.defn(name=name_of(method))(run)

    return [of_lead(method) for method in Story().activities()]


async def live(client: Client, queue: str, stories: dict[str, Story], seed: int) -> Counter[str]:
    """One lead, with what is drawn for it, to its end; what its history says of that."""
    random, lead_id = Random(seed), new_id("lead")
    stories[lead_id] = story_of(random)
    handle: Handle = await client.start_workflow(
        LeadContract.run,
        LeadInput(campaign_id="camp_1", lead_id=lead_id),
        id=f"lead/camp_1/{lead_id}",
        task_queue=queue,
    )
    deeds = [random.choice(DEEDS) for _ in range(random.randint(2, 8))]
    for n, deed in enumerate([*deeds, random.choice(LAST)]):
        await asyncio.sleep(random.choice((0, random.uniform(0, LONGEST))))
        if not await told(handle, deed, random, n):
            break
    while True:
        try:
            await asyncio.wait_for(handle.result(), 2)
            break
        except TimeoutError:
            # What a bug has stopped waits until it is sent on.
            await told(handle, _retry, random, 0)
    return judged([each async for each in handle.fetch_history_events()])


async def told(handle: Handle, deed: Deed, random: Random, n: int) -> bool:
    """False if the lead has ended."""
    try:
        await deed(handle, random, n)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


def judged(events: list[HistoryEvent]) -> Counter[str]:
    """What came together; the server has refused no task of the workflow."""
    figures, running, most = Counter({"leads": 1}), set[int](), 0
    for each in events:
        match each.event_type:
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                running.add(each.event_id)
                most = max(most, len(running))
            case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                running.discard(each.activity_task_completed_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
                running.discard(each.activity_task_failed_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
                running.discard(each.activity_task_canceled_event_attributes.scheduled_event_id)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED:
                figures["cancelled"] += 1
                figures["cancelled with another under way"] += len(running) > 1
            case EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                cause = each.workflow_task_failed_event_attributes.cause
                # It was about to end while something else came, and takes that in first.
                assert cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
                figures["ends put off"] += 1
            case EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                figures["tasks late"] += 1
    figures["leads with two or more under way"] = int(most > 1)
    return figures


@pytest.mark.law
@pytest.mark.lasts(seconds=15)
async def test_no_task_of_a_lead_is_refused(temporal_client: Client) -> None:
    """Whatever comes whenever, to a lead of which one, two or more activities are under way."""
    seeds, count = laws.seed(), laws.worlds(40)
    room, figures = asyncio.Semaphore(AT_ONCE), Counter[str]()
    queue, stories = new_id("queue"), dict[str, Story]()

    async def one(seed: int) -> None:
        async with room:
            figures.update(
                await asyncio.wait_for(live(temporal_client, queue, stories, seed), LONG)
            )

    worker = Worker(
        temporal_client,
        task_queue=queue,
        workflows=[LeadWorkflow],
        activities=shared(stories),
        interceptors=[Slow(Random(seeds))],
        # A sandbox for each lead is most of what this costs.
        workflow_runner=UnsandboxedWorkflowRunner(),
        # What is wrong ends it at once.
        workflow_failure_exception_types=[Exception],
    )
    together, cancelled = "leads with two or more under way", "cancelled with another under way"
    async with worker:
        # On a busy machine less comes together: there are more leads until enough has.
        for n in range(0, MOST_ROUNDS * count, count):
            async with asyncio.TaskGroup() as group:
                for number in range(n, n + count):
                    group.create_task(one(seeds + number))
            if figures[together] > count / 2 and figures[cancelled]:
                break

    laws.record("no task of a lead is refused", figures)
    assert figures["leads"] >= count
    assert figures[together] > count / 2
    assert figures[cancelled] > 0


class RawTasks:
    """A workflow whose tasks are answered by hand, so that something can come in between."""

    def __init__(self, client: Client, queue: str) -> None:
        self._service, self._namespace = client.workflow_service, client.namespace
        self._queue = TaskQueue(name=queue)

    async def next(self) -> PollWorkflowTaskQueueResponse:
        return await self._service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(namespace=self._namespace, task_queue=self._queue)
        )

    async def answer(self, task: PollWorkflowTaskQueueResponse, *commands: Command) -> None:
        await self._service.respond_workflow_task_completed(
            RespondWorkflowTaskCompletedRequest(
                namespace=self._namespace, task_token=task.task_token, commands=commands
            )
        )

    async def begin_activity(self) -> bytes:
        """Returns by what it is completed."""
        polled = await self._service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(namespace=self._namespace, task_queue=self._queue)
        )
        return polled.task_token

    async def complete_activity(self, token: bytes) -> None:
        await self._service.respond_activity_task_completed(
            RespondActivityTaskCompletedRequest(namespace=self._namespace, task_token=token)
        )

    def activity(self) -> Command:
        scheduled = ScheduleActivityTaskCommandAttributes(
            activity_id="1", activity_type=ActivityType(name="any"), task_queue=self._queue
        )
        scheduled.schedule_to_close_timeout.FromSeconds(60)
        return Command(
            command_type=CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
            schedule_activity_task_command_attributes=scheduled,
        )


async def test_an_activity_may_end_while_the_task_that_cancels_it_is_under_way(
    temporal_client: Client,
) -> None:
    """The server takes the task, and the workflow hears of the end by the next."""
    queue = new_id("queue")
    tasks = RawTasks(temporal_client, queue)
    handle = await temporal_client.start_workflow("Any", id=queue, task_queue=queue)
    await tasks.answer(await tasks.next(), tasks.activity())
    under_way = await tasks.begin_activity()
    await handle.signal("any")
    task = await tasks.next()
    (scheduled,) = (
        each.event_id
        for each in task.history.events
        if each.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    )

    await tasks.complete_activity(under_way)
    cancels = RequestCancelActivityTaskCommandAttributes(scheduled_event_id=scheduled)
    await tasks.answer(
        task,
        Command(
            command_type=CommandType.COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK,
            request_cancel_activity_task_command_attributes=cancels,
        ),
    )

    following = await asyncio.wait_for(tasks.next(), 20)
    await handle.terminate()
    assert following.attempt == 1
    assert EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED in {
        each.event_type for each in following.history.events
    }
