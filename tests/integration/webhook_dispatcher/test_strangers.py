"""The dispatcher's RPCs, each asked by everybody about what an organization has."""

from pathlib import Path

import pytest
from devstack.stack.keys import Keys
from outreach.audit.v1 import audit_service_pb2
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.identity.identity import Identity
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres
from servicekit.settings import ServiceSettings

from tests.access.matrix import Owned
from tests.fuzzing.calls import methods_of
from tests.integration.webhook_dispatcher.conftest import (
    ORGANIZATION,
    SCHEMA,
    Receiver,
    StartDispatcher,
    an_event,
)

FILTER = audit_service_pb2.RecordFilter(organization_id=ORGANIZATION)


@pytest.mark.lasts(seconds=25)
async def test_what_belongs_to_another_organization_does_not_exist(
    start_dispatcher: StartDispatcher, receiver: Receiver, keys: Keys, tmp_path: Path
) -> None:
    """Whatever RPC is asked, whatever it is asked for: neither seen nor told apart nor changed."""
    async with start_dispatcher() as dispatcher:
        created = await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        (delivery,) = await dispatcher.settled(event_id)
        replay = await dispatcher.stub.CreateReplay(replay_of(created.endpoint.endpoint_id))

    settings = ServiceSettings(**keys.settings("webhook-dispatcher"))
    identity = Identity.of_server(settings, service="webhook-dispatcher", sandbox=False, calls=True)
    async with (
        postgres.connect_pool(dispatcher.database_url, SCHEMA[0]) as pool,
        start_dispatcher(identity=identity, limits_file=keys.limits) as guarded,
    ):
        await Owned(
            service="webhook-dispatcher",
            address=guarded.address,
            keys=keys,
            pool=pool,
            organization_id=ORGANIZATION,
            account_ids=["acct_1"],
            ids={
                "endpoint_id": created.endpoint.endpoint_id,
                "event_id": event_id,
                "delivery_id": delivery.delivery_id,
                "replay_id": replay.replay.replay_id,
            },
            journals=["ListRecords", "ExportRecords", "VerifyRecords"],
            examples=[
                audit_service_pb2.ListRecordsRequest(filter=FILTER),
                audit_service_pb2.ExportRecordsRequest(filter=FILTER),
                pb.CreateEndpointRequest(
                    organization_id=ORGANIZATION, url=receiver.url, request_id=new_id("req")
                ),
                pb.RotateEndpointSecretRequest(
                    organization_id=ORGANIZATION,
                    endpoint_id=created.endpoint.endpoint_id,
                    request_id=new_id("req"),
                ),
                pb.UpdateEndpointRequest(
                    endpoint=pb.Endpoint(
                        organization_id=ORGANIZATION,
                        endpoint_id=created.endpoint.endpoint_id,
                        description="theirs",
                    ),
                    update_mask={"paths": ["description"]},
                ),
                replay_of(created.endpoint.endpoint_id),
                pb.PublishEventRequest(
                    event=an_event(new_id("evt"), event_pb2.EVENT_TYPE_LEAD_STARTED)
                ),
                pb.PublishEventsRequest(
                    organization_id=ORGANIZATION,
                    events=[
                        pb.PublishEventRequest(
                            event=an_event(new_id("evt"), event_pb2.EVENT_TYPE_LEAD_STARTED)
                        )
                    ],
                ),
            ],
        ).check(methods_of("outreach.webhook.v1", "outreach.audit.v1"), tmp_path)


def replay_of(endpoint_id: str) -> pb.CreateReplayRequest:
    """One that is not through while it is asked for."""
    return pb.CreateReplayRequest(
        request_id=new_id("req"),
        organization_id=ORGANIZATION,
        endpoint_id=endpoint_id,
        start_time={"seconds": 1},
        max_per_minute=1,
    )
