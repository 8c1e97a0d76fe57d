"""Waking a lead whose action waits at Temporal for another attempt.

An action that must wait is an activity between two attempts: Temporal keeps it
for as long as the gateway said. Resetting the activity makes its next attempt
due now, and leaves no trace in the lead's history.
"""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetActivityRequest
from temporalio.client import Client

from campaigns.workflow.contracts import PERFORM_STEP, lead_workflow_id


async def wake_lead(client: Client, campaign_id: str, lead_id: str, *, jitter: timedelta) -> None:
    """Have the waiting action of a lead asked for again, at some moment within `jitter`.

    Real time. Raises the client's `RPCError`: NOT_FOUND if the lead's workflow
    has ended or performs no step at the moment, in which case there is nothing
    to wake.
    """
    spread = Duration()
    spread.FromTimedelta(jitter)
    await client.workflow_service.reset_activity(
        ResetActivityRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=lead_workflow_id(campaign_id, lead_id)),
            identity=client.identity,
            type=PERFORM_STEP,
            jitter=spread,
        ),
        retry=True,
        timeout=timedelta(seconds=10),
    )
