"""Who made an endpoint or a replay, and who edited the endpoint last."""

from typing import Any

from devstack.stack.keys import Keys
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from servicekit.grpc import client as grpc_client
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

from tests.integration.webhook_dispatcher.conftest import ORGANIZATION, StartDispatcher
from tests.integration.webhook_dispatcher.test_strangers import replay_of

ALL = ["webhooks.read", "webhooks.write"]


async def test_endpoints_and_replays_say_by_whom(
    start_dispatcher: StartDispatcher, receiver: Any, keys: Keys
) -> None:
    """Ann makes, Bob edits; an edit that changes nothing has no editor."""
    settings = ServiceSettings(**keys.settings("webhook-dispatcher"))
    identity = Identity.of_server(settings, service="webhook-dispatcher", sandbox=False, calls=True)
    tokens = [
        keys.token(org=ORGANIZATION, sub=sub, permissions=ALL) for sub in ("mem_ann", "mem_bob")
    ]
    async with (
        start_dispatcher(identity=identity, limits_file=keys.limits) as guarded,
        grpc_client.channel(guarded.address, token=lambda: tokens[0]) as anns,
        grpc_client.channel(guarded.address, token=lambda: tokens[1]) as bobs,
    ):
        ann, bob = WebhookServiceStub(anns), WebhookServiceStub(bobs)
        creating = pb.CreateEndpointRequest(
            organization_id=ORGANIZATION, url=receiver.url, request_id="r1"
        )
        created = (await ann.CreateEndpoint(creating)).endpoint
        wanted = pb.Endpoint(
            organization_id=ORGANIZATION, endpoint_id=created.endpoint_id, description="Ours"
        )
        edit = pb.UpdateEndpointRequest(endpoint=wanted, update_mask={"paths": ["description"]})
        edited = (await bob.UpdateEndpoint(edit)).endpoint
        again = (await ann.UpdateEndpoint(edit)).endpoint
        replay = (await bob.CreateReplay(replay_of(created.endpoint_id))).replay

    assert (created.created_by, created.updated_by) == ("mem_ann", "")
    assert (edited.created_by, edited.updated_by) == ("mem_ann", "mem_bob")
    assert again.updated_by == "mem_bob"
    assert replay.created_by == "mem_bob"
