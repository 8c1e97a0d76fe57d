"""The floor of the bench: a lead's worth of workflow tasks and activities that do nothing.

Runs as a process of its own, like the outreach-worker: `python -m devstack.bench.floor`
serves the task queue until it is told to stop. What one floor lead does is counted from
the history of a real lead of the same run.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client

with workflow.unsafe.imports_passed_through():
    from servicekit import process
    from servicekit.clock import Clock
    from servicekit.temporal import connection as temporal
    from servicekit.temporal.plugin import new_plugin
    from servicekit.temporal.worker import run_worker

TASK_QUEUE = "bench-floor"
READY_FILE = "BENCH_FLOOR_READY_FILE"


@dataclass(frozen=True, kw_only=True)
class FloorInput:
    """How much one lead does."""

    activities: int
    timers: int


@activity.defn
async def nothing(_lead: str) -> None:
    """An activity without a gateway, a table or a webhook."""


@workflow.defn(name="FloorLead")
class FloorLead:
    """As many activities and timers as a lead has, one after the other."""

    @workflow.run
    async def run(self, floor: FloorInput) -> None:
        """Until all are done."""
        lead = workflow.info().workflow_id
        timers_left = floor.timers
        for number in range(floor.activities):
            await workflow.execute_activity(
                nothing, lead, start_to_close_timeout=timedelta(seconds=30)
            )
            # Spread evenly, as the delays between steps are.
            due = floor.timers * (number + 1) // max(1, floor.activities)
            while timers_left > floor.timers - due:
                await workflow.sleep(timedelta(milliseconds=1))
                timers_left -= 1


async def run_leads(client: Client, floor: FloorInput, *, name: str, count: int) -> None:
    """Start that many at once and wait for the last."""
    handles = await asyncio.gather(
        *(
            client.start_workflow(
                FloorLead.run, floor, id=f"floor/{name}/{number}", task_queue=TASK_QUEUE
            )
            for number in range(count)
        )
    )
    await asyncio.gather(*(handle.result() for handle in handles))


async def _compose(running: process.Process) -> None:
    client = await temporal.connect(new_plugin(Clock.real_time()))
    await running.enter(run_worker(client, TASK_QUEUE, workflows=[FloorLead], activities=[nothing]))
    with open(os.environ[READY_FILE], "w", encoding="utf-8"):  # noqa: ASYNC230, PTH123 - an empty file
        pass


if __name__ == "__main__":
    process.run("bench-floor", _compose)
