"""Endpoints over the wire: made once, found, listed, renewed, removed; wrong input by field."""

from typing import Any

import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import AlreadyExists, InvalidArgument, NotFound

URL = "http://127.0.0.1:1/hook"


async def test_the_same_request_is_one_endpoint(dispatcher: Any) -> None:
    """Repeating a request gives the same endpoint and the same secret."""
    first = await dispatcher.create(URL, request_id="r1", description="Ours")
    again = await dispatcher.create(URL, request_id="r1", description="Ours")

    assert again == first
    assert first.secret.startswith("whsec_")
    assert first.endpoint.endpoint_id.startswith("ep_")


async def test_a_request_id_is_for_one_thing(dispatcher: Any) -> None:
    """A request id that was used for another endpoint is refused."""
    await dispatcher.create(URL, request_id="r1")

    with pytest.raises(AlreadyExists) as refusal:
        await dispatcher.create(f"{URL}/other", request_id="r1")

    assert refusal.value.reason == "REQUEST_ID_REUSED"


async def test_a_builder_webhook_names_one_endpoint(dispatcher: Any) -> None:
    """A builder's id leads to its endpoint; a second endpoint cannot have it until it is free."""
    created = await dispatcher.create(URL, builder_webhook_id="wh_1")

    with pytest.raises(AlreadyExists) as refusal:
        await dispatcher.create(URL, builder_webhook_id="wh_1")
    found = await dispatcher.stub.GetEndpoint(
        pb.GetEndpointRequest(organization_id="org_test", builder_webhook_id="wh_1")
    )
    await delete(dispatcher, created)
    renewed = await dispatcher.create(URL, builder_webhook_id="wh_1")

    assert refusal.value.reason == "BUILDER_WEBHOOK_TAKEN"
    assert found.endpoint == created.endpoint
    assert renewed.endpoint.endpoint_id != created.endpoint.endpoint_id


async def test_a_deleted_endpoint_is_gone(dispatcher: Any) -> None:
    """After deletion nothing finds it; deleting again changes nothing."""
    created = await dispatcher.create(URL, request_id="r1")
    key = {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}

    await delete(dispatcher, created)
    await delete(dispatcher, created)

    for call in (
        dispatcher.stub.GetEndpoint(pb.GetEndpointRequest(**key)),
        dispatcher.stub.RotateEndpointSecret(pb.RotateEndpointSecretRequest(**key)),
    ):
        with pytest.raises(NotFound) as refusal:
            await call
        assert refusal.value.reason == "ENDPOINT_NOT_FOUND"
    with pytest.raises(AlreadyExists):
        await dispatcher.create(URL, request_id="r1")


async def test_organizations_are_apart(dispatcher: Any) -> None:
    """An endpoint is found only by the organization it belongs to, and hears only its events."""
    created = await dispatcher.create(URL, organization_id="org_other")

    with pytest.raises(NotFound):
        await dispatcher.stub.GetEndpoint(
            pb.GetEndpointRequest(
                organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
            )
        )
    event_id = await dispatcher.publish()

    assert await dispatcher.deliveries(event_id=event_id) == []


async def test_pages_of_endpoints(dispatcher: Any) -> None:
    """A walk through the pages sees each endpoint once, oldest first."""
    made = [(await dispatcher.create(f"{URL}/{n}")).endpoint.endpoint_id for n in range(5)]

    seen, token = [], ""
    while True:
        page = await dispatcher.stub.ListEndpoints(
            pb.ListEndpointsRequest(organization_id="org_test", page_size=2, page_token=token)
        )
        seen += [each.endpoint_id for each in page.endpoints]
        token = page.next_page_token
        if not token:
            break

    assert seen == made


async def test_everything_wrong_is_refused_at_once(dispatcher: Any) -> None:
    """Each wrong field is one violation, with its path and its reason."""
    with pytest.raises(InvalidArgument) as refusal:
        await dispatcher.stub.CreateEndpoint(
            pb.CreateEndpointRequest(
                url="https://10.0.0.1/", event_types=[event_pb2.EVENT_TYPE_UNSPECIFIED]
            )
        )

    refused = {wrong.field: wrong.reason for wrong in refusal.value.violations}
    assert refusal.value.reason == "INVALID_FIELDS"
    assert refused == {
        "request_id": "FIELD_REQUIRED",
        "organization_id": "FIELD_REQUIRED",
        "url": "DESTINATION_FORBIDDEN",
        "event_types[0]": "FIELD_INVALID",
    }


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "http://hooks.example.com/"])
async def test_a_forbidden_address(dispatcher: Any, url: str) -> None:
    """An address that may not be called is refused under its own reason."""
    with pytest.raises(InvalidArgument) as refusal:
        await dispatcher.create(url)

    assert refusal.value.reason == "DESTINATION_FORBIDDEN"
    assert [wrong.field for wrong in refusal.value.violations] == ["url"]


@pytest.mark.parametrize(
    ("event", "endpoint_id", "field"),
    [
        ({"event_id": ""}, "", "event.event_id"),
        ({"event_id": "new\nline"}, "", "event.event_id"),
        ({"organization_id": ""}, "", "event.organization_id"),
        ({"organization_id": "org\0"}, "", "event.organization_id"),
        ({}, "ep\0", "endpoint_id"),
        ({"type": event_pb2.EVENT_TYPE_UNSPECIFIED}, "", "event.type"),
        ({"type": event_pb2.EVENT_TYPE_SEQUENCE_WEBHOOK}, "", "endpoint_id"),
        ({"occur_time": None}, "", "event.occur_time"),
        ({"reply": event_pb2.ReplySnapshot(message="x" * 300_000)}, "", "event"),
    ],
)
async def test_a_wrong_event(
    dispatcher: Any, event: dict[str, Any], endpoint_id: str, field: str
) -> None:
    """An event that cannot be delivered is refused by the field that is wrong."""
    good = {
        "event_id": "evt_1",
        "organization_id": "org_test",
        "type": event_pb2.EVENT_TYPE_LEAD_FAILED,
        "occur_time": {"seconds": 1},
    }

    with pytest.raises(InvalidArgument) as refusal:
        await dispatcher.stub.PublishEvent(
            pb.PublishEventRequest(event=event_pb2.Event(**good | event), endpoint_id=endpoint_id)
        )

    assert [wrong.field for wrong in refusal.value.violations] == [field]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ListDeliveriesRequest(), "organization_id"),
        (pb.ListDeliveriesRequest(organization_id="org_test", page_size=1001), "page_size"),
        (pb.ListDeliveriesRequest(organization_id="org_test", page_size=-1), "page_size"),
        (pb.ListDeliveriesRequest(organization_id="org_test", page_token="?"), "page_token"),
        (pb.ListDeliveriesRequest(organization_id="org_test", endpoint_id="a\0"), "endpoint_id"),
        (pb.ListDeliveriesRequest(organization_id="org\0"), "organization_id"),
    ],
)
async def test_a_wrong_page(dispatcher: Any, request_: Any, field: str) -> None:
    """Lists refuse impossible pages instead of guessing."""
    with pytest.raises(InvalidArgument) as refusal:
        await dispatcher.stub.ListDeliveries(request_)

    assert [wrong.field for wrong in refusal.value.violations] == [field]


async def test_unknown_deliveries(dispatcher: Any) -> None:
    """Attempts of a delivery that does not exist are NOT_FOUND, not an empty list."""
    with pytest.raises(NotFound) as refusal:
        await dispatcher.stub.ListDeliveryAttempts(
            pb.ListDeliveryAttemptsRequest(organization_id="org_test", delivery_id="dlv_unknown")
        )

    assert refusal.value.reason == "DELIVERY_NOT_FOUND"


async def delete(dispatcher: Any, created: pb.CreateEndpointResponse) -> None:
    await dispatcher.stub.DeleteEndpoint(
        pb.DeleteEndpointRequest(
            organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
        )
    )
