"""A worker that runs beside the rest of a process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from servicekit.tasks import kept_up
from servicekit.telemetry import logs
from servicekit.temporal.credentials import follow_client
from servicekit.temporal.dispatch import served

log = logs.get_logger(__name__)


@asynccontextmanager
async def run_worker(
    client: Client,
    task_queue: str,
    *,
    workflows: Sequence[type] = (),
    activities: Sequence[Callable[..., Any]] = (),
    max_concurrent_activities: int = 100,
    max_concurrent_workflow_tasks: int = 100,
    max_cached_workflows: int = 1000,
    pollers: int = 20,
    grace: timedelta = timedelta(seconds=25),
    on_failure: Callable[[BaseException], object] | None = None,
    **options: Any,
) -> AsyncIterator[Worker]:
    """A worker that polls while the block runs.

    Slots and pollers are fixed; the cache must hold every workflow that is active at once.
    On exit it takes no new tasks and gives activities `grace` to end. If it fails for
    good, `on_failure` is called: stop the process there. `options` are the SDK's own.
    """
    polling = PollerBehaviorSimpleMaximum(maximum=pollers)
    running = Worker(
        client,
        task_queue=task_queue,
        workflows=list(workflows),
        activities=served(activities),
        max_concurrent_activities=max_concurrent_activities,
        max_concurrent_workflow_tasks=max_concurrent_workflow_tasks,
        max_cached_workflows=max_cached_workflows,
        workflow_task_poller_behavior=polling,
        activity_task_poller_behavior=polling,
        graceful_shutdown_timeout=grace,
        **options,
    )
    polls = asyncio.create_task(running.run(), name=f"worker {task_queue}")
    polls.add_done_callback(partial(_tell_failure, task_queue, on_failure))
    following = asyncio.create_task(kept_up("worker's connection", lambda: follow_client(running)))
    log.info("worker_started", task_queue=task_queue)
    try:
        yield running
    finally:
        following.cancel()
        if not polls.done():
            await running.shutdown()
        await asyncio.wait({polls})
        log.info("worker_stopped", task_queue=task_queue)


def _tell_failure(
    task_queue: str,
    on_failure: Callable[[BaseException], object] | None,
    task: asyncio.Task[None],
) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("worker_failed", task_queue=task_queue, exc_info=error)
        if on_failure is not None:
            on_failure(error)
