"""campaign_api.workflows.health: what is asked of Temporal together."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from campaign_api.workflows.health import TemporalAway, TemporalHealth
from temporalio.service import RPCError, RPCStatusCode


class Service:
    """A Temporal that refuses to describe its namespace, and is slow with everything else."""

    def __init__(self) -> None:
        self.asked = 0
        self.called_off = 0

    async def describe_namespace(self, _request: Any, **_options: Any) -> None:
        await asyncio.sleep(0)
        raise RPCError("The namespace is gone.", RPCStatusCode.NOT_FOUND, b"")

    async def _slow(self, *_request: Any, **_options: Any) -> None:
        self.asked += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.called_off += 1
            raise

    get_system_info = get_cluster_info = describe_task_queue = list_search_attributes = _slow


async def test_what_fails_alone_leaves_no_other_call_running() -> None:
    """Calls to task queues went on behind the answer, and nobody took what they came to."""
    service = Service()

    async def check_health(**_options: Any) -> bool:
        return True

    config = SimpleNamespace(target_host="temporal:7233", tls=None)
    client: Any = SimpleNamespace(
        namespace="outreach",
        service_client=SimpleNamespace(config=config, check_health=check_health),
        workflow_service=service,
        operator_service=service,
    )
    connection: Any = SimpleNamespace(client=client)

    seen = await TemporalHealth(connection, timeout=timedelta(seconds=10)).look()

    assert isinstance(seen, TemporalAway)
    assert seen.why == "The namespace is gone."
    assert service.called_off == service.asked == 7
