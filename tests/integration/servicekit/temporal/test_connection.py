"""servicekit.temporal.connection against a real server."""

import asyncio

from servicekit.clock import Clock
from servicekit.temporal import connection as temporal
from servicekit.temporal.plugin import new_plugin
from temporalio.client import Client


async def test_check_passes_when_the_server_answers(temporal_client: Client) -> None:
    """A readiness check of a server that is there says nothing."""
    await temporal.check(temporal_client)


async def test_connect_waits_for_the_server() -> None:
    """A service may start before Temporal: connecting goes on until it is told to stop."""
    connecting = asyncio.create_task(
        temporal.connect(new_plugin(Clock.real_time()), environ={"TEMPORAL_ADDRESS": "127.0.0.1:1"})
    )

    done, _ = await asyncio.wait({connecting}, timeout=0.5)

    assert not done
    connecting.cancel()
