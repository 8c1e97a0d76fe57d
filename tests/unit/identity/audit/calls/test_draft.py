"""What is known of a call, also by what it left running."""

from types import SimpleNamespace
from typing import Any

from identity.audit.calls.declared import Declared
from identity.audit.calls.draft import Draft
from identity.audit.record import Outcome
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.grpc.calls import Call


async def test_a_call_that_is_over_is_asked_for_nothing() -> None:
    """gRPC frees a call's memory when it is over, and its context still reads it: a task that
    outlived its call, and wrote, took the whole process down."""
    over = False

    def peer() -> str:
        assert not over
        return "ipv4:10.0.0.1:1"

    context: Any = SimpleNamespace(peer=peer)
    call = Call("/outreach.webhook.v1.WebhookService/DeleteEndpoint", context, {})
    call.request = pb.DeleteEndpointRequest(organization_id="org_test", endpoint_id="ep_1")
    writing: Any = None
    declared = Declared(changes=True, path=("endpoint_id",))
    draft = Draft(call, declared, service="webhook-dispatcher", writing=writing)
    over = True

    assert draft.act(Outcome.DONE, "OK").address == "10.0.0.1"
