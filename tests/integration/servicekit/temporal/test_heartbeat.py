"""servicekit.temporal.heartbeat in activities on a real server."""

import asyncio
import uuid
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from servicekit.clock import Clock
from servicekit.temporal import connection as temporal
from servicekit.temporal.heartbeat import heartbeating
from servicekit.temporal.plugin import new_plugin
from servicekit.temporal.worker import run_worker
from temporalio import activity, workflow


class Long:
    """An activity whose first attempt takes long, with heartbeats or without."""

    def __init__(self, *, beats: bool) -> None:
        self._beats = beats
        self.attempts = 0

    @activity.defn(name="take_long")
    async def take_long(self) -> int:
        self.attempts += 1
        attempt = self.attempts
        if attempt == 1:
            async with heartbeating() if self._beats else AsyncExitStack():
                await asyncio.sleep(2.5)
        return attempt


@workflow.defn(name="TakingLong")
class TakingLong:
    @workflow.run
    async def run(self) -> int:
        answer: int = await workflow.execute_activity(
            "take_long",
            start_to_close_timeout=timedelta(minutes=1),
            heartbeat_timeout=timedelta(seconds=1),
        )
        return answer


@pytest.mark.parametrize(("beats", "answered_by"), [(True, 1), (False, 2)])
async def test_an_activity_is_alive_as_long_as_it_beats(
    temporal_server: Any, *, beats: bool, answered_by: int
) -> None:
    """One that beats may take long; one that fell silent is tried again within its timeout."""
    queue = f"queue-{uuid.uuid4()}"
    plugin = new_plugin(Clock.real_time(), passthrough_modules=[__name__.partition(".")[0]])
    client = await temporal.connect(plugin, environ=temporal_server.environ)
    long = Long(beats=beats)

    async with (
        asyncio.timeout(20),
        run_worker(client, queue, workflows=[TakingLong], activities=[long.take_long], pollers=2),
    ):
        answer = await client.execute_workflow(TakingLong.run, id=queue, task_queue=queue)

    assert answer == answered_by
