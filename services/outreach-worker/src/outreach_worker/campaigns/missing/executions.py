"""What Temporal knows of workflows."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

_TIMEOUT = timedelta(seconds=10)


async def running(temporal: Client, workflow_ids: Iterable[str]) -> Mapping[str, datetime]:
    """When those began that are listed as running; lists are a moment late.

    Raises the client's `RPCError` if Temporal is away.
    """
    named = ", ".join(f"'{each}'" for each in workflow_ids)
    query = f"WorkflowId IN ({named}) AND ExecutionStatus = 'Running'"
    return {each.id: each.start_time async for each in temporal.list_workflows(query)}


async def described(
    temporal: Client, workflow_id: str, *, run_id: str | None = None
) -> WorkflowExecutionDescription | None:
    """The last run of a workflow, or that one; None of which nothing is known.

    Raises the client's `RPCError` if Temporal is away.
    """
    handle = temporal.get_workflow_handle(workflow_id, run_id=run_id)
    try:
        return await handle.describe(rpc_timeout=_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
