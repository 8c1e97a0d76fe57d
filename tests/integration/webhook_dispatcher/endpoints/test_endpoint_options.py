"""What a customer chooses of an endpoint is heeded where it is sent to, and kept to itself."""

import hashlib
import hmac
from typing import Any

import pytest
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import AlreadyExists, InvalidArgument
from servicekit.postgres import pool as postgres

from tests.integration.webhook_dispatcher.conftest import an_event

URL = "http://127.0.0.1:1/hook"
HEADERS = {"authorization": "Bearer s3cret", "x-team": "sales"}
HEX = pb.SIGNATURE_SCHEME_HMAC_SHA256_HEX
LEGACY = pb.LegacySignature(header="x-signature", scheme=HEX, prefix="sha256=", secret="shared")


async def publish(dispatcher: Any, event: event_pb2.Event) -> str:
    answer = await dispatcher.stub.PublishEvent(pb.PublishEventRequest(event=event))
    if answer.deliveries:
        await dispatcher.settled(event.event_id)
    return event.event_id


async def test_a_group_is_all_of_its_types(dispatcher: Any, receiver: Any) -> None:
    """`lead.*` hears every event of leads and none of campaigns."""
    await dispatcher.create(receiver.url, event_types=["lead.*"])
    started = an_event("evt_1", event_pb2.EVENT_TYPE_LEAD_STARTED)
    failed = an_event("evt_2", event_pb2.EVENT_TYPE_LEAD_FAILED)
    paused = an_event("evt_3", event_pb2.EVENT_TYPE_CAMPAIGN_PAUSED)

    for event in (started, failed, paused):
        await publish(dispatcher, event)

    assert sorted(each.headers["webhook-id"] for each in receiver.received) == ["evt_1", "evt_2"]


@pytest.mark.parametrize(
    ("option", "field"), [("campaign_ids", "campaign"), ("account_ids", "account")]
)
async def test_only_what_is_about_these(
    dispatcher: Any, receiver: Any, option: str, field: str
) -> None:
    """An event about another one, and one about none, is not heard."""
    await dispatcher.create(receiver.url, **{option: ["it_1"]})
    for event_id, about in {"evt_1": "it_1", "evt_2": "it_2", "evt_3": None}.items():
        event = an_event(event_id, event_pb2.EVENT_TYPE_LEAD_STARTED)
        event.ClearField("campaign")
        if about:
            getattr(event, field).id = about
        await publish(dispatcher, event)

    assert [each.headers["webhook-id"] for each in receiver.received] == ["evt_1"]


async def test_a_leads_account_is_what_it_is_about(dispatcher: Any, receiver: Any) -> None:
    """An event of a lead is about the account that the lead was given."""
    await dispatcher.create(receiver.url, account_ids=["acct_1"])
    event = an_event("evt_1", event_pb2.EVENT_TYPE_LEAD_STARTED)
    event.lead.account_id = "acct_1"

    await publish(dispatcher, event)

    assert [each.headers["webhook-id"] for each in receiver.received] == ["evt_1"]


async def test_headers_are_sent_and_never_told(dispatcher: Any, receiver: Any) -> None:
    """No answer has their values, and no column does."""
    created = await dispatcher.create(receiver.url, headers=HEADERS)
    await dispatcher.settled(await dispatcher.publish())
    tested = await dispatcher.stub.SendTestEvent(
        pb.SendTestEventRequest(
            organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
        )
    )
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        kept = await pool.fetchval("SELECT endpoints::text FROM endpoints")

    assert all(each.headers["authorization"] == "Bearer s3cret" for each in receiver.received)
    assert sorted(created.endpoint.header_names) == ["authorization", "x-team"]
    assert not created.endpoint.headers
    assert tested.headers["authorization"] == "***"
    assert "s3cret" not in str(tested) + kept
    assert b"s3cret".hex() not in kept


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"headers": {"connection": "close"}}, 'headers["connection"]'),
        ({"headers": {"x-a": "1\r\nx-b: 2"}}, 'headers["x-a"]'),
        ({"headers": {f"x-{number}": "1" for number in range(21)}}, "headers"),
        ({"legacy_signature": {"header": "webhook-id", "scheme": HEX}}, "legacy_signature.header"),
        ({"legacy_signature": {"header": "x-signature"}}, "legacy_signature.scheme"),
        ({"event_types": ["lead.*", "leads.*"]}, "event_types[1]"),
        ({"event_types": ["*"]}, "event_types[0]"),
        ({"max_per_minute": -1}, "max_per_minute"),
        ({"max_concurrency": 101}, "max_concurrency"),
        ({"campaign_ids": ["camp_1", "camp_1"]}, "campaign_ids[1]"),
    ],
)
async def test_an_option_that_makes_no_sense_is_refused_by_field(
    dispatcher: Any, fields: dict[str, Any], fault: str
) -> None:
    """Nothing is made then, and what is wrong is named."""
    with pytest.raises(InvalidArgument) as refusal:
        await dispatcher.create(URL, **fields)

    assert [wrong.field for wrong in refusal.value.violations] == [fault]


async def test_a_legacy_signature_beside_ours(dispatcher: Any, receiver: Any) -> None:
    """The receiver of before verifies it by the secret that it knows, which is told to nobody."""
    created = await dispatcher.create(receiver.url, legacy_signature=LEGACY)

    await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    digest = hmac.digest(b"shared", request.body.encode(), hashlib.sha256).hex()
    assert request.headers["x-signature"] == f"sha256={digest}"
    assert created.endpoint.legacy_signature.header == "x-signature"
    assert not created.endpoint.legacy_signature.secret


async def test_without_a_secret_of_its_own_it_is_made_by_the_endpoints(
    dispatcher: Any, receiver: Any
) -> None:
    """As the text that its customer keeps."""
    legacy = pb.LegacySignature(header="x-signature", scheme=HEX)
    created = await dispatcher.create(receiver.url, legacy_signature=legacy)

    await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    secret, body = created.secret.encode(), request.body.encode()
    assert request.headers["x-signature"] == hmac.digest(secret, body, hashlib.sha256).hex()


async def test_the_same_request_may_have_secrets(dispatcher: Any) -> None:
    """Sealed twice they differ, and are the same; others are another request."""
    asked = {"request_id": "r1", "headers": HEADERS, "legacy_signature": LEGACY}
    first = await dispatcher.create(URL, **asked)

    assert await dispatcher.create(URL, **asked) == first
    with pytest.raises(AlreadyExists):
        await dispatcher.create(URL, **asked | {"headers": {"authorization": "Bearer other"}})


async def test_options_are_changed_one_by_one(dispatcher: Any, receiver: Any) -> None:
    """New headers replace those of before, a signature can be taken away; all else stays."""
    created = await dispatcher.create(
        receiver.url, headers=HEADERS, legacy_signature=LEGACY, max_per_minute=600
    )
    wanted = pb.Endpoint(
        organization_id="org_test",
        endpoint_id=created.endpoint.endpoint_id,
        headers={"x-team": "support"},
        etag=created.endpoint.etag,
    )

    answer = await dispatcher.stub.UpdateEndpoint(
        pb.UpdateEndpointRequest(
            endpoint=wanted, update_mask={"paths": ["headers", "legacy_signature"]}
        )
    )
    await dispatcher.settled(await dispatcher.publish())

    (request,) = receiver.received
    assert request.headers["x-team"] == "support"
    assert "authorization" not in request.headers
    assert "x-signature" not in request.headers
    assert answer.endpoint.max_per_minute == 600
    assert answer.endpoint.etag != created.endpoint.etag


async def test_a_list_hides_what_an_address_is_a_secret_of(dispatcher: Any) -> None:
    """Reading the one endpoint tells it whole; what a list told cannot become the address."""
    created = await dispatcher.create(f"{URL}?token=s3cret")
    named = {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}

    (listed,) = (
        await dispatcher.stub.ListEndpoints(pb.ListEndpointsRequest(organization_id="org_test"))
    ).endpoints
    read = await dispatcher.stub.GetEndpoint(pb.GetEndpointRequest(**named))
    with pytest.raises(InvalidArgument):
        await dispatcher.stub.UpdateEndpoint(
            pb.UpdateEndpointRequest(
                endpoint=pb.Endpoint(**named, url=listed.url), update_mask={"paths": ["url"]}
            )
        )

    assert listed.url == f"{URL}?token=***"
    assert read.endpoint.url == f"{URL}?token=s3cret"


async def test_why_it_is_disabled(dispatcher: Any) -> None:
    """Whoever looks reads that it was asked for; enabled again, nothing of it."""
    created = await dispatcher.create(URL)
    named = {"organization_id": "org_test", "endpoint_id": created.endpoint.endpoint_id}

    disabled = await dispatcher.stub.DisableEndpoint(pb.DisableEndpointRequest(**named))
    enabled = await dispatcher.stub.EnableEndpoint(pb.EnableEndpointRequest(**named))

    assert disabled.endpoint.disable_reason == pb.DISABLE_REASON_REQUESTED
    assert enabled.endpoint.disable_reason == pb.DISABLE_REASON_UNSPECIFIED
