"""On whose behalf a workflow works: it travels in headers, and stands in the workflow's memo.

Whoever starts a workflow or signals it is the one for whom it works from then on, in every
activity, child and signal that follows: the last who asked. What a workflow does that nobody has
asked for (one that is older than this, say) is on nobody's behalf.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from temporalio import client, worker
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter

from servicekit.auth import current_principal, set_principal

HEADER = "principal"
MEMO = "requested_by"

_converter = PayloadConverter.default


class Principals(client.Interceptor, worker.Interceptor):
    """For clients and workers alike."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002 - the SDK's name
        return _Client(next)

    def intercept_activity(
        self,
        next: worker.ActivityInboundInterceptor,  # noqa: A002 - the SDK's name
    ) -> worker.ActivityInboundInterceptor:
        return _Activity(next)

    def workflow_interceptor_class(
        self, _input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        return _Workflow


def _with(headers: Mapping[str, Payload], principal: str) -> Mapping[str, Payload]:
    if not principal:
        return headers
    return {**headers, HEADER: _converter.to_payload(principal)}


def _of(headers: Mapping[str, Payload]) -> str:
    payload = headers.get(HEADER)
    return str(_converter.from_payload(payload, str)) if payload is not None else ""


class _Client(client.OutboundInterceptor):
    async def start_workflow(
        self,
        input: client.StartWorkflowInput,  # noqa: A002 - the SDK's name
    ) -> client.WorkflowHandle[Any, Any]:
        principal = current_principal()
        input.headers = _with(input.headers, principal)
        if principal:
            input.memo = {**(input.memo or {}), MEMO: principal}
        return await super().start_workflow(input)

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:  # noqa: A002
        input.headers = _with(input.headers, current_principal())
        await super().signal_workflow(input)


class _Activity(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        set_principal(_of(input.headers))
        return await super().execute_activity(input)


class _Workflow(worker.WorkflowInboundInterceptor):
    """Remembers who asked last; what it knows comes from the history alone."""

    def __init__(self, next: worker.WorkflowInboundInterceptor) -> None:  # noqa: A002
        super().__init__(next)
        self.principal = ""

    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound, self))

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:  # noqa: A002
        # A signal that came with the start is heard before.
        self.principal = self.principal or _of(input.headers)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: worker.HandleSignalInput) -> None:  # noqa: A002
        self.principal = _of(input.headers) or self.principal
        await super().handle_signal(input)


class _Outbound(worker.WorkflowOutboundInterceptor):
    def __init__(self, following: worker.WorkflowOutboundInterceptor, inbound: _Workflow) -> None:
        super().__init__(following)
        self._inbound = inbound

    def _carry(self, input: Any) -> None:  # noqa: A002 - the SDK's name
        input.headers = _with(input.headers, self._inbound.principal)

    def start_activity(self, input: worker.StartActivityInput) -> Any:  # noqa: A002
        self._carry(input)
        return super().start_activity(input)

    def start_local_activity(self, input: worker.StartLocalActivityInput) -> Any:  # noqa: A002
        self._carry(input)
        return super().start_local_activity(input)

    async def start_child_workflow(self, input: worker.StartChildWorkflowInput) -> Any:  # noqa: A002
        self._carry(input)
        return await super().start_child_workflow(input)

    async def signal_external_workflow(
        self,
        input: worker.SignalExternalWorkflowInput,  # noqa: A002 - the SDK's name
    ) -> None:
        self._carry(input)
        await super().signal_external_workflow(input)

    def continue_as_new(self, input: worker.ContinueAsNewInput) -> NoReturn:  # noqa: A002
        self._carry(input)
        super().continue_as_new(input)
