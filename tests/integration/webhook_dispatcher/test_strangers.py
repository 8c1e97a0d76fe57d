"""The dispatcher's RPCs, each asked by a stranger about what an organization has."""

from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres

from tests.contracts.organizations import Owned
from tests.fuzzing.calls import methods_of
from tests.integration.webhook_dispatcher.conftest import (
    ORGANIZATION,
    SCHEMA,
    Receiver,
    Running,
    an_event,
)


async def test_what_belongs_to_another_organization_does_not_exist(
    dispatcher: Running, receiver: Receiver
) -> None:
    """Whatever RPC is asked, whatever it is asked for: neither seen nor told apart nor changed."""
    created = await dispatcher.create(receiver.url)
    event_id = await dispatcher.publish()
    (delivery,) = await dispatcher.settled(event_id)

    async with postgres.connect_pool(dispatcher.database_url, SCHEMA[0]) as pool:
        await Owned(
            address=dispatcher.address,
            pool=pool,
            organization_id=ORGANIZATION,
            ids={
                "endpoint_id": created.endpoint.endpoint_id,
                "event_id": event_id,
                "delivery_id": delivery.delivery_id,
            },
            examples=[
                pb.CreateEndpointRequest(
                    organization_id=ORGANIZATION, url=receiver.url, request_id=new_id("req")
                ),
                pb.PublishEventRequest(
                    event=an_event(new_id("evt"), event_pb2.EVENT_TYPE_LEAD_STARTED)
                ),
            ],
        ).check(methods_of("outreach.webhook.v1"))
