"""Endpoints hear in the form and by the channel that they were made with."""

import json
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import FailedPrecondition, InvalidArgument, NotYet
from standardwebhooks import Webhook
from starlette.responses import Response
from webhook_dispatcher.channels.carrier import NO_MAIL
from webhook_dispatcher.channels.mailer import MAIL_SERVER_AWAY
from webhook_dispatcher.deliveries.health_repository import OPENS_AFTER

from tests.event_catalogue import record_differences
from tests.integration.webhook_dispatcher.conftest import an_event, eventually
from tests.integration.webhook_dispatcher.replays.test_replays import ended, replay
from tests.servers.smtp import smtp_server

MAIL = {"smtp_host": "127.0.0.1", "smtp_security": "none", "mail_sender": "events@ours.example"}


async def update(dispatcher: Any, created: Any, **fields: Any) -> pb.Endpoint:
    endpoint = pb.Endpoint(
        organization_id="org_test", endpoint_id=created.endpoint.endpoint_id, **fields
    )
    request = pb.UpdateEndpointRequest(endpoint=endpoint, update_mask=FieldMask(paths=fields))
    return (await dispatcher.stub.UpdateEndpoint(request)).endpoint  # type: ignore[no-any-return]


async def test_one_event_in_three_forms(dispatcher: Any, receiver: Any) -> None:
    """What is published once is signed as each reads it."""
    forms = {
        "full": pb.PAYLOAD_FORM_UNSPECIFIED,
        "ids": pb.PAYLOAD_FORM_IDS,
        "record": pb.PAYLOAD_FORM_LEAD_RECORD,
    }
    made = {
        f"/{name}": await dispatcher.create(f"{receiver.url}/{name}", payload_form=form)
        for name, form in forms.items()
    }

    await dispatcher.publish()
    await receiver.heard(3)

    told = {each.path: each for each in receiver.received}
    read = {
        path: Webhook(made[path].secret).verify(each.body, each.headers)
        for path, each in told.items()
    }
    assert read["/full"]["data"]["lead"]["firstName"] == "Zoë"
    assert read["/ids"]["data"]["lead"] == {"id": "lead_1", "accountId": "", "leadListId": ""}
    assert read["/record"]["firstName"] == "Zoë"
    assert record_differences(read["/record"]) == []
    assert made["/full"].endpoint.payload_form == pb.PAYLOAD_FORM_WITH_LEAD


async def test_what_is_about_no_lead_is_no_record(dispatcher: Any, receiver: Any) -> None:
    """Neither when it is published nor in a replay, though the endpoint hears every type."""
    created = await dispatcher.create(receiver.url, payload_form=pb.PAYLOAD_FORM_LEAD_RECORD)
    event = an_event("evt_campaign", event_pb2.EVENT_TYPE_CAMPAIGN_PAUSED)
    event.ClearField("lead")
    await dispatcher.stub.PublishEvent(pb.PublishEventRequest(event=event))
    await dispatcher.settled(await dispatcher.publish(event_id="evt_lead"))

    made = await replay(dispatcher, created.endpoint.endpoint_id)
    assert (await ended(dispatcher, made)).deliveries == 1

    await receiver.heard(2)
    assert {each.headers["webhook-id"] for each in receiver.received} == {"evt_lead"}


async def test_the_form_of_the_day(dispatcher: Any, receiver: Any) -> None:
    """What was not delivered yet comes as its endpoint wants it by now."""
    receiver.answers = [Response(status_code=503)]
    created = await dispatcher.create(receiver.url)
    event_id = await dispatcher.publish()
    await receiver.heard(1)

    changed = await update(dispatcher, created, payload_form=pb.PAYLOAD_FORM_IDS)
    await dispatcher.settled(event_id)

    assert changed.etag != created.endpoint.etag
    assert "Zoë" in receiver.received[0].body
    assert "Zoë" not in receiver.received[-1].body


async def test_a_chat_reads_words(dispatcher: Any, receiver: Any) -> None:
    """An incoming webhook is posted a text; its address is a secret, and so is told by its host."""
    created = await dispatcher.create(f"{receiver.url}/T0/B1/s3cret", channel=pb.CHANNEL_SLACK)

    tried = await dispatcher.stub.SendTestEvent(
        pb.SendTestEventRequest(
            organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
        )
    )
    await dispatcher.publish()
    await receiver.heard(2)

    test, event = (json.loads(each.body) for each in receiver.received)
    assert test == json.loads(tried.body)
    assert test["text"] == "A test of this endpoint"
    assert event["text"].splitlines()[0] == "A lead began: Zoë"
    assert created.endpoint.max_per_minute == 60
    listed = await dispatcher.stub.ListEndpoints(
        pb.ListEndpointsRequest(organization_id="org_test")
    )
    assert "s3cret" not in str(listed)
    assert listed.endpoints[0].channel == pb.CHANNEL_SLACK


async def test_a_listed_address_replaces_none(dispatcher: Any, receiver: Any) -> None:
    """Who edits what a list told does not lose the secret that the list left out."""
    url = f"{receiver.url}/T0/B1/s3cret"
    created = await dispatcher.create(url, channel=pb.CHANNEL_SLACK)
    (listed,) = (
        await dispatcher.stub.ListEndpoints(pb.ListEndpointsRequest(organization_id="org_test"))
    ).endpoints

    with pytest.raises(InvalidArgument) as refusal:
        await update(dispatcher, created, url=listed.url)
    with pytest.raises(InvalidArgument):
        await dispatcher.create(listed.url, channel=pb.CHANNEL_SLACK)

    kept = await dispatcher.stub.GetEndpoint(
        pb.GetEndpointRequest(organization_id="org_test", endpoint_id=created.endpoint.endpoint_id)
    )
    assert [wrong.field for wrong in refusal.value.violations] == ["endpoint.url"]
    assert kept.endpoint.url == url


async def test_a_mail_is_sent_and_tried_again(start_dispatcher: Any) -> None:
    """A server that says later is asked again, and what was sent is told as any attempt is."""
    async with smtp_server() as mailbox, start_dispatcher(**MAIL, smtp_port=mailbox.port) as it:
        created = await it.create("mailto:sales@example.com", channel=pb.CHANNEL_EMAIL)
        tried = await it.stub.SendTestEvent(
            pb.SendTestEventRequest(
                organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
            )
        )
        mailbox.answers = ["451 Later"]
        (delivery,) = await it.settled(await it.publish(event_id="evt_1"))
        attempts = await it.attempts(delivery)

    assert delivery.state == pb.DELIVERY_STATE_DELIVERED
    assert [each.status_code for each in attempts] == [451, 250]
    assert attempts[0].error == "Answered 451: the mail is refused."
    assert attempts[0].response_excerpt == "Later"
    assert mailbox.recipients == [["sales@example.com"]] * 2
    assert mailbox.mails[1]["Subject"] == "A lead began: Spring"
    assert "Zoë" in mailbox.mails[1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert tried.body.strip() == "A test of this endpoint"
    assert tried.attempt.status_code == 250


async def test_no_mail_where_there_is_no_server(dispatcher: Any) -> None:
    """Whoever asks for one is told why, and not by mails that never come."""
    with pytest.raises(FailedPrecondition) as refusal:
        await dispatcher.create("mailto:sales@example.com", channel=pb.CHANNEL_EMAIL)

    assert refusal.value.reason == "MAIL_NOT_CONFIGURED"


async def test_an_address_fits_its_channel(start_dispatcher: Any, receiver: Any) -> None:
    """Nobody is mailed by a webhook, and no mail endpoint becomes a way to call an address."""
    async with start_dispatcher(**MAIL, smtp_port=1) as it:
        for url, channel in [
            ("mailto:sales@example.com", pb.CHANNEL_WEBHOOK),
            ("mailto:sales@example.com", pb.CHANNEL_SLACK),
            (receiver.url, pb.CHANNEL_EMAIL),
            ("mailto:a@example.com,b@example.com", pb.CHANNEL_EMAIL),
            ("mailto:a@example.com?bcc=b@example.com", pb.CHANNEL_EMAIL),
        ]:
            with pytest.raises(InvalidArgument):
                await it.create(url, channel=channel)
        made = await it.create("mailto:sales@example.com", channel=pb.CHANNEL_EMAIL)
        with pytest.raises(InvalidArgument):
            await update(it, made, url=receiver.url)
        moved = await update(it, made, url="mailto:people@example.com")

    assert moved.url == "mailto:people@example.com"
    assert receiver.received == []


@pytest.mark.lasts(seconds=5)
@pytest.mark.parametrize(
    ("now", "told"), [({}, NO_MAIL), ({**MAIL, "smtp_port": 1}, MAIL_SERVER_AWAY)]
)
async def test_a_server_of_ours_that_is_gone_is_no_fault_of_theirs(
    start_dispatcher: Any, now: dict[str, Any], told: str
) -> None:
    """More attempts fail than a circuit takes, and it stays closed; each says why."""
    async with start_dispatcher(**MAIL, smtp_port=1) as it:
        await it.create("mailto:sales@example.com", channel=pb.CHANNEL_EMAIL)
    async with start_dispatcher(**now) as it:
        for number in range(12):
            await it.publish(event_id=f"evt_{number}")

        async def many() -> bool:
            return bool(
                it.count("webhook_delivery_attempts_total", outcome="unanswered") > OPENS_AFTER + 1
            )

        await eventually(many)
        assert it.count("webhook_circuits_opened_total") == 0
        attempts = await it.attempts(await it.tried("evt_0"))

    assert {each.error for each in attempts} == {told}
    assert {each.status_code for each in attempts} == {0}


async def test_tests_come_no_faster_than_events(start_dispatcher: Any) -> None:
    """Whoever has an address tested again and again is told when to come again."""
    async with smtp_server() as mailbox, start_dispatcher(**MAIL, smtp_port=mailbox.port) as it:
        created = await it.create(
            "mailto:sales@example.com", channel=pb.CHANNEL_EMAIL, max_per_minute=1
        )
        request = pb.SendTestEventRequest(
            organization_id="org_test", endpoint_id=created.endpoint.endpoint_id
        )
        await it.stub.SendTestEvent(request)
        for _ in range(5):
            with pytest.raises(NotYet) as refused:
                await it.stub.SendTestEvent(request)

    assert len(mailbox.mails) == 1
    wait = refused.value.retry_after
    assert wait is not None
    assert timedelta(seconds=50) < wait <= timedelta(minutes=1)


@pytest.mark.parametrize("asked", [0, 61, 6000])
async def test_people_are_sent_no_more_than_they_read(
    dispatcher: Any, receiver: Any, asked: int
) -> None:
    """Neither as it is made nor by an edit; fewer are as asked for."""
    created = await dispatcher.create(receiver.url, channel=pb.CHANNEL_SLACK, max_per_minute=asked)
    few = await update(dispatcher, created, max_per_minute=3)
    edited = await update(dispatcher, created, max_per_minute=asked)

    told = [each.max_per_minute for each in (created.endpoint, few, edited)]
    assert told == [60, 3, 60]
