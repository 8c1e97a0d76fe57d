"""Temporal as this process sees it: whether it answers, and how it is set up."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from campaigns.workflow.contracts import TASK_QUEUE
from campaigns.workflow.search_attributes import KEYS
from servicekit.temporal import search_attributes
from servicekit.temporal.connection import TemporalUnavailable
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeNamespaceResponse,
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    GetClusterInfoRequest,
    GetClusterInfoResponse,
    GetSystemInfoRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from campaign_api.clients.temporal import TemporalConnection, answering

DELIVERY_TASK_QUEUE = "webhook-delivery"
"""That of webhook-dispatcher's workers."""
_QUEUES = (TASK_QUEUE, DELIVERY_TASK_QUEUE)
_KINDS = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


@dataclass(frozen=True, kw_only=True)
class QueueSeen:
    """Tasks of one kind in one queue."""

    name: str
    kind: TaskQueueType.ValueType
    answer: DescribeTaskQueueResponse


@dataclass(frozen=True, kw_only=True)
class TemporalSeen:
    """What Temporal has answered."""

    address: str
    namespace: str
    encrypted: bool
    latency: timedelta
    server_version: str
    described: DescribeNamespaceResponse
    cluster: GetClusterInfoResponse
    registered: Sequence[tuple[str, bool]]
    queues: Sequence[QueueSeen]


@dataclass(frozen=True, kw_only=True)
class TemporalAway:
    """Nothing was answered, or not all of it in time."""

    address: str
    namespace: str
    encrypted: bool
    why: str


class TemporalHealth:
    """Asks everything anew each time, within `timeout`."""

    def __init__(self, temporal_connection: TemporalConnection, *, timeout: timedelta) -> None:
        self._temporal = temporal_connection
        self._timeout = timeout

    async def look(self) -> TemporalSeen | TemporalAway:
        """As it is now."""
        try:
            client = self._temporal.client
        except TemporalUnavailable:
            why = "Temporal was not reached since this process has started."
            return TemporalAway(address="", namespace="", encrypted=False, why=why)
        config = client.service_client.config
        address, encrypted = config.target_host, bool(config.tls)
        try:
            async with answering(self._timeout):
                with _first_alone():
                    return await self._ask(client, address, encrypted=encrypted)
        except TemporalUnavailable as error:
            cause = error.__cause__
            why = cause.message if isinstance(cause, RPCError) else "No answer in time."
            return TemporalAway(
                address=address, namespace=client.namespace, encrypted=encrypted, why=why[:500]
            )
        except RPCError as error:
            return TemporalAway(
                address=address,
                namespace=client.namespace,
                encrypted=encrypted,
                why=error.message[:500],
            )

    async def _ask(self, client: Client, address: str, *, encrypted: bool) -> TemporalSeen:
        service, within = client.workflow_service, self._timeout
        begun = time.monotonic()
        await client.service_client.check_health(timeout=within)
        latency = timedelta(seconds=time.monotonic() - begun)
        async with asyncio.TaskGroup() as group:
            system = group.create_task(
                service.get_system_info(GetSystemInfoRequest(), timeout=within)
            )
            described = group.create_task(
                service.describe_namespace(
                    DescribeNamespaceRequest(namespace=client.namespace), timeout=within
                )
            )
            cluster = group.create_task(self._cluster(client))
            registered = group.create_task(self._registered(client))
            queues = [
                group.create_task(self._queue(client, name, kind))
                for name in _QUEUES
                for kind in _KINDS
            ]
        return TemporalSeen(
            address=address,
            namespace=client.namespace,
            encrypted=encrypted,
            latency=latency,
            server_version=system.result().server_version,
            described=described.result(),
            cluster=cluster.result(),
            registered=registered.result(),
            queues=[each.result() for each in queues],
        )

    async def _cluster(self, client: Client) -> GetClusterInfoResponse:
        """What the server stands on; nothing where that is not told."""
        try:
            return await client.workflow_service.get_cluster_info(
                GetClusterInfoRequest(), timeout=self._timeout
            )
        except RPCError as error:
            if error.status not in search_attributes.NOT_OURS:
                raise
            return GetClusterInfoResponse()

    async def _registered(self, client: Client) -> Sequence[tuple[str, bool]]:
        """Our attributes, and whether they are known; none where that is not told."""
        try:
            known = await search_attributes.registered(client)
        except RPCError as error:
            if error.status not in search_attributes.NOT_OURS:
                raise
            return ()
        return [(key.name, key.name in known) for key in KEYS]

    async def _queue(self, client: Client, name: str, kind: TaskQueueType.ValueType) -> QueueSeen:
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=name),
                task_queue_type=kind,
                report_stats=True,
            ),
            timeout=self._timeout,
        )
        return QueueSeen(name=name, kind=kind, answer=answer)


@contextmanager
def _first_alone() -> Iterator[None]:
    """Raises the first of what failed together: that has called off the others."""
    try:
        yield
    except ExceptionGroup as failed:
        first: Exception = failed.exceptions[0]
        raise first from first.__cause__
