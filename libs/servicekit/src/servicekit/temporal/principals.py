"""On whose behalf a workflow works: it travels in headers, and stands in the workflow's memo.

Whoever starts a workflow or signals it is the one for whom it works from then on, in every
activity, child and signal that follows: the last who asked. What a workflow does that nobody has
asked for (one that is older than this, say) is on nobody's behalf.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from temporalio import client, worker
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter

from servicekit.auth import current_principal, principal_organization, set_principal

HEADER = "principal"
ORGANIZATION_HEADER = "principal_organization"
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


@dataclass(frozen=True)
class _Principal:
    subject: str = ""
    organization_id: str = ""

    @classmethod
    def current(cls) -> Self:
        return cls(current_principal(), principal_organization())

    @classmethod
    def of(cls, headers: Mapping[str, Payload]) -> Self:
        return cls(_text(headers, HEADER), _text(headers, ORGANIZATION_HEADER))

    def added_to(self, headers: Mapping[str, Payload]) -> Mapping[str, Payload]:
        if not self.subject:
            return headers
        said = {HEADER: self.subject, ORGANIZATION_HEADER: self.organization_id}
        return {**headers, **{name: _converter.to_payload(each) for name, each in said.items()}}


_NOBODY = _Principal()


def _text(headers: Mapping[str, Payload], name: str) -> str:
    payload = headers.get(name)
    return str(_converter.from_payload(payload, str)) if payload is not None else ""


class _Client(client.OutboundInterceptor):
    async def start_workflow(
        self,
        input: client.StartWorkflowInput,  # noqa: A002 - the SDK's name
    ) -> client.WorkflowHandle[Any, Any]:
        principal = _Principal.current()
        input.headers = principal.added_to(input.headers)
        if principal.subject:
            input.memo = {**(input.memo or {}), MEMO: principal.subject}
        return await super().start_workflow(input)

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:  # noqa: A002
        input.headers = _Principal.current().added_to(input.headers)
        await super().signal_workflow(input)


class _Activity(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        principal = _Principal.of(input.headers)
        set_principal(principal.subject, principal.organization_id)
        return await super().execute_activity(input)


class _Workflow(worker.WorkflowInboundInterceptor):
    """Remembers who asked last; what it knows comes from the history alone."""

    def __init__(self, next: worker.WorkflowInboundInterceptor) -> None:  # noqa: A002
        super().__init__(next)
        self.principal = _NOBODY

    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound, self))

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:  # noqa: A002
        # A signal that came with the start is heard before.
        if self.principal == _NOBODY:
            self.principal = _Principal.of(input.headers)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: worker.HandleSignalInput) -> None:  # noqa: A002
        principal = _Principal.of(input.headers)
        if principal.subject:
            self.principal = principal
        await super().handle_signal(input)


class _Outbound(worker.WorkflowOutboundInterceptor):
    def __init__(self, following: worker.WorkflowOutboundInterceptor, inbound: _Workflow) -> None:
        super().__init__(following)
        self._inbound = inbound

    def _carry(self, input: Any) -> None:  # noqa: A002 - the SDK's name
        input.headers = self._inbound.principal.added_to(input.headers)

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
