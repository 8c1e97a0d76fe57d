"""Workflows as Temporal's own API tells them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from campaigns.workflow.search_attributes import KEYS
from servicekit.temporal import search_attributes
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryReverseRequest,
    ListWorkflowExecutionsRequest,
    RequestCancelWorkflowExecutionRequest,
    ResetActivityRequest,
    TerminateWorkflowExecutionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from campaign_api.clients.temporal import TemporalConnection, answering
from campaign_api.errors import SearchAttributesMissing, WorkflowNotFound

_CALL = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class ListedPage:
    """Runs, and where Temporal goes on; empty on the last page."""

    runs: list[WorkflowExecutionInfo]
    next: bytes


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """Events, and where Temporal goes on; empty on the last page."""

    events: list[HistoryEvent]
    next: bytes


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Which run somebody wants something of, who that is, and why."""

    workflow_id: str
    run_id: str
    by: str
    request_id: str
    reason: str = ""

    @property
    def execution(self) -> WorkflowExecution:
        """As Temporal names the run."""
        return WorkflowExecution(workflow_id=self.workflow_id, run_id=self.run_id)


class TokenRefused(Exception):
    """Temporal does not go on from there."""


class TemporalWorkflows:
    """Calls, each within `timeout`; raises `TemporalUnavailable` where Temporal is away."""

    def __init__(
        self, temporal_connection: TemporalConnection, *, timeout: timedelta = _CALL
    ) -> None:
        self._temporal = temporal_connection
        self._timeout = timeout

    @property
    def client(self) -> Client:
        """The client; raises `TemporalUnavailable` while there is none."""
        return self._temporal.client

    async def page(self, query: str, *, limit: int, token: bytes) -> ListedPage:
        """A page of runs.

        Raises `SearchAttributesMissing` if the namespace does not know ours, and `TokenRefused`.
        """
        client = self.client
        async with answering(self._timeout):
            try:
                found = await client.workflow_service.list_workflow_executions(
                    ListWorkflowExecutionsRequest(
                        namespace=client.namespace,
                        page_size=limit,
                        next_page_token=token,
                        query=query,
                    ),
                    timeout=self._timeout,
                )
            except RPCError as error:
                if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                    raise
                if missing := await _missing_attributes(client, error.message):
                    raise SearchAttributesMissing(
                        metadata={"missing": ", ".join(missing)}
                    ) from error
                if token:
                    raise TokenRefused from error
                raise
        return ListedPage(runs=[*found.executions], next=found.next_page_token)

    async def describe(self, workflow_id: str, run_id: str) -> DescribeWorkflowExecutionResponse:
        """A run, the latest without an id; raises `WorkflowNotFound`."""
        client = self.client
        async with _found(self._timeout):
            return await client.workflow_service.describe_workflow_execution(
                DescribeWorkflowExecutionRequest(
                    namespace=client.namespace,
                    execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
                ),
                timeout=self._timeout,
            )

    async def history(
        self, workflow_id: str, run_id: str, *, limit: int, token: bytes
    ) -> EventPage:
        """A page of a history; raises `WorkflowNotFound`, and `TokenRefused`."""
        client = self.client
        async with _found(self._timeout):
            try:
                found = await client.workflow_service.get_workflow_execution_history(
                    GetWorkflowExecutionHistoryRequest(
                        namespace=client.namespace,
                        execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
                        maximum_page_size=limit,
                        next_page_token=token,
                    ),
                    timeout=self._timeout,
                )
            except RPCError as error:
                if error.status is RPCStatusCode.INVALID_ARGUMENT and token:
                    raise TokenRefused from error
                raise
        return EventPage(events=[*found.history.events], next=found.next_page_token)

    async def last_events(self, workflow_id: str, run_id: str, *, limit: int) -> list[HistoryEvent]:
        """The end of a history, the last event first; raises `WorkflowNotFound`."""
        client = self.client
        async with _found(self._timeout):
            found = await client.workflow_service.get_workflow_execution_history_reverse(
                GetWorkflowExecutionHistoryReverseRequest(
                    namespace=client.namespace,
                    execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
                    maximum_page_size=limit,
                ),
                timeout=self._timeout,
            )
        return [*found.history.events]

    async def cancel(self, asked: Asking) -> None:
        """Ask a run to end; raises `WorkflowNotFound` if it does not go on."""
        client = self.client
        async with _found(self._timeout):
            await client.workflow_service.request_cancel_workflow_execution(
                RequestCancelWorkflowExecutionRequest(
                    namespace=client.namespace,
                    workflow_execution=asked.execution,
                    identity=asked.by or client.identity,
                    request_id=asked.request_id,
                    reason=asked.reason,
                ),
                timeout=self._timeout,
            )

    async def terminate(self, asked: Asking) -> None:
        """End a run; raises `WorkflowNotFound` if it does not go on."""
        client = self.client
        async with _found(self._timeout):
            await client.workflow_service.terminate_workflow_execution(
                TerminateWorkflowExecutionRequest(
                    namespace=client.namespace,
                    workflow_execution=asked.execution,
                    identity=asked.by or client.identity,
                    reason=asked.reason,
                ),
                timeout=self._timeout,
            )

    async def try_now(self, asked: Asking, activity_id: str) -> None:
        """Have an activity's next attempt be due; raises `WorkflowNotFound` if it has ended."""
        client = self.client
        async with _found(self._timeout):
            await client.workflow_service.reset_activity(
                ResetActivityRequest(
                    namespace=client.namespace,
                    execution=asked.execution,
                    identity=asked.by or client.identity,
                    id=activity_id,
                ),
                timeout=self._timeout,
            )


async def _missing_attributes(client: Client, refusal: str) -> list[str]:
    """Those of ours that the namespace does not know, or that a refusal names where none is told.

    Raises the client's `RPCError`.
    """
    try:
        known = await search_attributes.registered(client)
    except RPCError as error:
        if error.status not in search_attributes.NOT_OURS:
            raise
        named = re.findall(r"\w+", refusal)
        return sorted(key.name for key in KEYS if key.name in named)
    return sorted({key.name for key in KEYS} - known)


@asynccontextmanager
async def _found(within: timedelta) -> AsyncIterator[None]:
    async with answering(within):
        try:
            yield
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise WorkflowNotFound from error
            raise
