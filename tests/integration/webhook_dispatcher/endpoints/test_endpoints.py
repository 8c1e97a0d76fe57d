"""Endpoints over the wire: made once, found, listed, renewed, removed; wrong input by field."""

from typing import Any

import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import AlreadyExists, EtagMismatch, InvalidArgument, NotFound
from standardwebhooks import Webhook
from starlette.responses import Response
from webhook_dispatcher.convert.payload import TYPE_NAMES

from tests.event_catalogue import differences

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
        dispatcher.stub.RotateEndpointSecret(
            pb.RotateEndpointSecretRequest(**key, request_id="r2")
        ),
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
            pb.CreateEndpointRequest(url="https://10.0.0.1/", event_types=["lead"])
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


async def test_a_page_larger_than_any(dispatcher: Any) -> None:
    """What is asked for beyond the largest page is the largest page, as of every list."""
    request = pb.ListDeliveriesRequest(organization_id="org_test", page_size=2**31 - 1)

    assert not (await dispatcher.stub.ListDeliveries(request)).deliveries


async def test_deleting_what_never_was(dispatcher: Any) -> None:
    """It is told, as wherever something is deleted."""
    with pytest.raises(NotFound) as refusal:
        await dispatcher.stub.DeleteEndpoint(
            pb.DeleteEndpointRequest(organization_id="org_test", endpoint_id="ep_unknown")
        )

    assert refusal.value.reason == "ENDPOINT_NOT_FOUND"


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


def named(created: Any) -> dict[str, str]:
    return {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}


async def test_what_the_mask_names_changes(dispatcher: Any, receiver: Any) -> None:
    """Its id, its secret and its name in sequences survive; what is not named stays as it is."""
    created = await dispatcher.create(URL, builder_webhook_id="wh_1", description="Ours")
    wanted = pb.Endpoint(**named(created), url=receiver.url, description="ignored")

    answer = await dispatcher.stub.UpdateEndpoint(
        pb.UpdateEndpointRequest(endpoint=wanted, update_mask={"paths": ["url"]})
    )
    (delivery,) = await dispatcher.settled(await dispatcher.publish())

    expected = pb.Endpoint()
    expected.CopyFrom(created.endpoint)
    expected.url = receiver.url
    assert answer.endpoint.etag != created.endpoint.etag
    assert answer.endpoint.update_time.ToDatetime() > created.endpoint.update_time.ToDatetime()
    expected.etag = answer.endpoint.etag
    expected.update_time.CopyFrom(answer.endpoint.update_time)
    expected.updated_by = created.endpoint.created_by
    assert answer.endpoint == expected
    assert delivery.state == pb.DELIVERY_STATE_DELIVERED
    (request,) = receiver.received
    Webhook(created.secret).verify(request.body, request.headers)


async def test_of_two_who_edit_the_same_the_second_is_refused(dispatcher: Any) -> None:
    """And told what it is now; what changes nothing, and whoever does not mind, is not."""
    created = await dispatcher.create(URL, description="Ours")
    read = created.endpoint.etag

    async def described(description: str, etag: str) -> pb.Endpoint:
        wanted = pb.Endpoint(**named(created), description=description, etag=etag)
        answer = await dispatcher.stub.UpdateEndpoint(
            pb.UpdateEndpointRequest(endpoint=wanted, update_mask={"paths": ["description"]})
        )
        return answer.endpoint

    first = await described("Theirs", read)
    with pytest.raises(EtagMismatch) as refused:
        await described("Mine", read)

    assert refused.value.metadata["etag"] == first.etag != read
    assert (await described("Theirs", read)).update_time == first.update_time
    assert (await described("Mine", "*")).description == "Mine"
    assert (await described("Ours", "")).etag == read


async def test_what_was_edited_since_is_not_deleted(dispatcher: Any) -> None:
    """Who knows what it is now deletes it; once it is gone that is no conflict."""
    created = await dispatcher.create(URL, description="Ours")
    wanted = pb.Endpoint(**named(created), description="Theirs")
    edit = pb.UpdateEndpointRequest(endpoint=wanted, update_mask={"paths": ["description"]})
    edited = (await dispatcher.stub.UpdateEndpoint(edit)).endpoint

    async def delete(etag: str) -> None:
        request = pb.DeleteEndpointRequest(**named(created), etag=etag)
        await dispatcher.stub.DeleteEndpoint(request)

    with pytest.raises(EtagMismatch) as refused:
        await delete(created.endpoint.etag)
    await delete(edited.etag)
    await delete(created.endpoint.etag)

    assert refused.value.metadata["etag"] == edited.etag


async def test_it_hears_other_things(dispatcher: Any, receiver: Any) -> None:
    """Types that are named with none are everything again."""
    created = await dispatcher.create(receiver.url, event_types=["lead.completed"])
    unheard = await dispatcher.publish(type=event_pb2.EVENT_TYPE_LEAD_FAILED)

    await dispatcher.stub.UpdateEndpoint(
        pb.UpdateEndpointRequest(
            endpoint=pb.Endpoint(**named(created)), update_mask={"paths": ["event_types"]}
        )
    )
    heard = await dispatcher.publish(type=event_pb2.EVENT_TYPE_LEAD_FAILED)
    await dispatcher.settled(heard)

    assert [each.headers["webhook-id"] for each in receiver.received] == [heard]
    assert await dispatcher.deliveries(event_id=unheard) == []


@pytest.mark.parametrize(
    ("fields", "paths", "fault"),
    [
        ({}, [], "update_mask"),
        ({}, ["url"], "endpoint.url"),
        ({"event_types": ["lead.unheard_of"]}, ["event_types"], "endpoint.event_types[0]"),
        ({"description": "x" * 501}, ["description"], "endpoint.description"),
        ({}, ["endpoint_id"], "update_mask.paths[0]"),
        ({}, ["url.host"], "update_mask.paths[0]"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused_by_field(
    dispatcher: Any, fields: dict[str, Any], paths: list[str], fault: str
) -> None:
    """Nothing is changed then, and what is wrong is named."""
    created = await dispatcher.create(URL)

    with pytest.raises(InvalidArgument) as refusal:
        await dispatcher.stub.UpdateEndpoint(
            pb.UpdateEndpointRequest(
                endpoint=pb.Endpoint(**named(created), **fields), update_mask={"paths": paths}
            )
        )

    assert [each.field for each in refusal.value.violations] == [fault]


async def test_disabled_and_enabled_again(dispatcher: Any, receiver: Any) -> None:
    """While it is disabled it hears nothing; enabled, it hears what happens from then on."""
    created = await dispatcher.create(receiver.url)

    disabled = await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named(created)))
    again = await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named(created)))
    missed = await dispatcher.publish()
    enabled = await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named(created)))
    heard = await dispatcher.publish()
    await dispatcher.settled(heard)

    assert disabled.endpoint.HasField("disable_time")
    assert again == disabled
    enabled.endpoint.ClearField("update_time")
    created.endpoint.ClearField("update_time")
    assert enabled.endpoint == created.endpoint
    assert [each.headers["webhook-id"] for each in receiver.received] == [heard]
    assert await dispatcher.deliveries(event_id=missed) == []


async def test_a_test_event_is_posted_once_by_its_request_id(
    dispatcher: Any, receiver: Any
) -> None:
    """Whose answer was lost asks again, and is told what the receiver answered then."""
    created = await dispatcher.create(receiver.url)
    request = pb.SendTestEventRequest(**named(created), request_id="one")

    first = await dispatcher.stub.SendTestEvent(request)

    assert await dispatcher.stub.SendTestEvent(request) == first
    assert len(receiver.received) == 1


async def test_a_test_event_shows_both_sides(dispatcher: Any, receiver: Any) -> None:
    """What was posted verifies with the secret; the answer is told, and nothing is listed."""
    receiver.answers = [Response("not today", status_code=503)]
    created = await dispatcher.create(receiver.url)

    refused = await dispatcher.stub.SendTestEvent(pb.SendTestEventRequest(**named(created)))
    taken = await dispatcher.stub.SendTestEvent(pb.SendTestEventRequest(**named(created)))

    assert (refused.attempt.status_code, refused.attempt.error) == (503, "Answered 503.")
    assert refused.attempt.response_excerpt == "not today"
    assert (taken.attempt.status_code, taken.attempt.error) == (204, "")
    for answer, request in zip((refused, taken), receiver.received, strict=True):
        assert request.body == answer.body
        assert {name: request.headers[name] for name in answer.headers} == dict(answer.headers)
        content = Webhook(created.secret).verify(answer.body, dict(answer.headers))
        assert content["type"] == "endpoint.test"
        assert differences(content) == []
    assert await dispatcher.deliveries() == []


async def test_a_test_event_of_every_type(dispatcher: Any, receiver: Any) -> None:
    """Each comes signed and as its schema says, as if it happened now; none of them is an event."""
    created = await dispatcher.create(receiver.url, event_types=["lead.failed"])

    for name in sorted(TYPE_NAMES):
        request = pb.SendTestEventRequest(**named(created), event_type=name)
        answer = await dispatcher.stub.SendTestEvent(request)
        content = Webhook(created.secret).verify(answer.body, dict(answer.headers))
        assert (content["type"], content["id"]) == (name, answer.headers["webhook-id"])
        assert differences(content) == []

    assert len({each.headers["webhook-id"] for each in receiver.received}) == len(TYPE_NAMES)
    assert await dispatcher.deliveries() == []


async def test_an_example_that_there_is_not(dispatcher: Any, receiver: Any) -> None:
    """Of no type, or of one that a receiver of leads' records never gets, nothing is sent."""
    created = await dispatcher.create(receiver.url, payload_form=pb.PAYLOAD_FORM_LEAD_RECORD)

    for name in ("lead.unheard_of", "account.disconnected"):
        request = pb.SendTestEventRequest(**named(created), event_type=name)
        with pytest.raises(InvalidArgument) as refusal:
            await dispatcher.stub.SendTestEvent(request)
        assert [wrong.field for wrong in refusal.value.violations] == ["event_type"]

    assert receiver.received == []


async def test_who_is_not_there_is_not_changed(dispatcher: Any) -> None:
    """Another organization's endpoint, and one that is gone, are not found."""
    created = await dispatcher.create(URL)
    await delete(dispatcher, created)
    calls = [
        dispatcher.stub.UpdateEndpoint(
            pb.UpdateEndpointRequest(
                endpoint=pb.Endpoint(**named(created), description="x"),
                update_mask={"paths": ["description"]},
            )
        ),
        dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named(created))),
        dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named(created))),
        dispatcher.stub.SendTestEvent(pb.SendTestEventRequest(**named(created))),
    ]

    for call in calls:
        with pytest.raises(NotFound) as refusal:
            await call
        assert refusal.value.reason == "ENDPOINT_NOT_FOUND"
