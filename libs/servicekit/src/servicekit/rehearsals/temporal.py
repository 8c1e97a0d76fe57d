"""The connection to Temporal: a rehearsed call looks at what the real one would tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

from google.protobuf.message import Message
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowExecutionStatus, WorkflowIdConflictPolicy
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
)
from temporalio.service import RPCError, RPCStatusCode, ServiceClient

from servicekit.rehearsals.rehearsal import CannotBeRehearsed, rehearsing

R = TypeVar("R", bound=Message)

_READS = ("describe_", "get_", "list_", "count_", "query_", "scan_", "check")
"""How calls begin that change nothing."""
_STARTS = ("start_workflow_execution", "signal_with_start_workflow_execution")
_TELLS = ("signal_workflow_execution", "reset_activity")
"""Calls of a workflow that must be going on."""


class LookingClient(ServiceClient):
    """Every call of a client goes through here, whoever makes it."""

    def __init__(self, real: ServiceClient) -> None:
        super().__init__(real.config)
        self._real = real

    @property
    def worker_service_client(self) -> Any:
        """As the SDK's own: workers rehearse nothing."""
        return self._real.worker_service_client

    def update_rpc_metadata(self, metadata: Mapping[str, str | bytes]) -> None:
        self._real.update_rpc_metadata(metadata)

    def update_api_key(self, api_key: str | None) -> None:
        self._real.update_api_key(api_key)

    async def _rpc_call(
        self,
        rpc: str,
        req: Any,
        resp_type: type[R],
        *,
        service: str,
        retry: bool,
        metadata: Mapping[str, str | bytes],
        timeout: timedelta | None,  # noqa: ASYNC109 - as the SDK has it
    ) -> R:
        how: dict[str, Any] = {"service": service, "retry": retry, "metadata": metadata}
        if not rehearsing() or rpc.startswith(_READS):
            return await self._real._rpc_call(rpc, req, resp_type, **how, timeout=timeout)  # noqa: SLF001 - what it stands for
        if rpc in _STARTS:
            return resp_type(run_id=await self._run_of(req, {**how, "timeout": timeout}))
        if rpc in _TELLS:
            await self._require_going_on(rpc, req, {**how, "timeout": timeout})
            return resp_type()
        raise CannotBeRehearsed(f"Temporal's {rpc} would change something.")

    async def _run_of(self, request: Any, how: Mapping[str, Any]) -> str:
        """The run that a start finds; a word of no meaning where it would begin one.

        What has ended well is not begun again, which whoever starts here takes for begun.
        """
        policy = WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
        if request.workflow_id_conflict_policy != policy:
            raise CannotBeRehearsed("A start that another one refuses is not foreseen.")
        execution = WorkflowExecution(workflow_id=request.workflow_id)
        found = await self._described(request.namespace, execution, how)
        return "none" if found is None else found.workflow_execution_info.execution.run_id

    async def _require_going_on(self, rpc: str, request: Any, how: Mapping[str, Any]) -> None:
        """Raises `RPCError` with NOT_FOUND, as the real call does where nobody is told."""
        named = request.execution if rpc == "reset_activity" else request.workflow_execution
        found = await self._described(request.namespace, named, how)
        running = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
        goes_on = found is not None and found.workflow_execution_info.status == running
        if found is None or not goes_on or not _has_activity(rpc, request, found):
            raise RPCError("It does not go on.", RPCStatusCode.NOT_FOUND, b"")

    async def _described(
        self, namespace: str, execution: WorkflowExecution, how: Mapping[str, Any]
    ) -> DescribeWorkflowExecutionResponse | None:
        request = DescribeWorkflowExecutionRequest(namespace=namespace, execution=execution)
        try:
            return await self._real._rpc_call(  # noqa: SLF001
                "describe_workflow_execution", request, DescribeWorkflowExecutionResponse, **how
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return None


def _has_activity(rpc: str, request: Any, found: DescribeWorkflowExecutionResponse) -> bool:
    """Whether there is what is to be reset; what is only told needs none."""
    return rpc != "reset_activity" or any(
        request.type in ("", each.activity_type.name) and request.id in ("", each.activity_id)
        for each in found.pending_activities
    )
