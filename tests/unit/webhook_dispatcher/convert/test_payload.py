"""What customers parse: the JSON of an event."""

import json

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.webhook.v1 import event_pb2 as pb
from webhook_dispatcher.convert.payload import payload, type_name, type_of

GOLDEN = (
    '{"id":"camp_1/lead_1/completed","type":"lead.completed",'
    '"timestamp":"2026-03-02T09:30:00.250Z","data":{'
    '"campaign":{"id":"camp_1","name":"Spring","state":"running"},'
    '"lead":{"id":"lead_1","firstName":"Zoë","lastName":"Example",'
    '"linkedinUrl":"https://www.linkedin.com/in/zoe-example","company":"","title":"","email":"",'
    '"phone":"","location":"","connectionStatus":"accepted","state":"completed","reason":"",'
    '"accountId":"acct_1","variables":{"Deal Size":"10k"},"createTime":null,"leadListId":""},'
    '"step":{"id":"node-3","index":0,"type":"send_followup","label":"","state":"done",'
    '"reason":"","exit":"","variant":""}}}'
)


def test_golden() -> None:
    """Names are camel case, present parts are whole, absent parts are absent, text is UTF-8."""
    occurred = Timestamp()
    occurred.FromJsonString("2026-03-02T09:30:00.25Z")
    event = pb.Event(
        event_id="camp_1/lead_1/completed",
        type=pb.EVENT_TYPE_LEAD_COMPLETED,
        organization_id="org_1",
        occur_time=occurred,
        campaign=pb.CampaignSnapshot(id="camp_1", name="Spring", state="running"),
        lead=pb.LeadSnapshot(
            id="lead_1",
            first_name="Zoë",
            last_name="Example",
            linkedin_url="https://www.linkedin.com/in/zoe-example",
            connection_status="accepted",
            state="completed",
            account_id="acct_1",
            variables={"Deal Size": "10k"},
        ),
        step=pb.StepSnapshot(id="node-3", type="send_followup", state="done"),
    )

    text = payload(event)

    assert text == GOLDEN
    assert json.loads(text)["data"]["lead"]["firstName"] == "Zoë"


def test_where_an_owner_wrote_is_told() -> None:
    """The part has its JSON name, as fields have."""
    event = pb.Event(
        event_id="e",
        type=pb.EVENT_TYPE_OWNER_WROTE,
        owner_message=pb.OwnerMessageSnapshot(chat_id="chat_1", message_id="msg_1"),
    )

    told = json.loads(payload(event))["data"]

    assert told == {"ownerMessage": {"chatId": "chat_1", "messageId": "msg_1"}}


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (pb.EVENT_TYPE_CAMPAIGN_STARTED, "campaign.started"),
        (pb.EVENT_TYPE_STEP_FAILED, "step.failed"),
        (pb.EVENT_TYPE_INVITATION_ACCEPTED, "invitation.accepted"),
        (pb.EVENT_TYPE_REPLY_RECEIVED, "reply.received"),
        (pb.EVENT_TYPE_ACCOUNT_DISCONNECTED, "account.disconnected"),
        (pb.EVENT_TYPE_SEQUENCE_WEBHOOK, "sequence.webhook"),
        (pb.EVENT_TYPE_OWNER_WROTE, "owner.wrote"),
    ],
)
def test_type_names(number: pb.EventType.ValueType, name: str) -> None:
    """Types are named as the contract says: lower case, the first underscore a dot."""
    assert type_name(number) == name


@pytest.mark.parametrize("number", pb.EventType.values()[1:])
def test_type_names_round_trip(number: pb.EventType.ValueType) -> None:
    """Every type is found again by its name."""
    assert type_of(type_name(number)) == number


def test_an_account_tells_what_cools_down_and_until_when() -> None:
    """Customers read kind and end as fields; where nothing cools down there is a null."""
    cooling = pb.Event(type=pb.EVENT_TYPE_ACCOUNT_COOLING_DOWN)
    cooling.account.id, cooling.account.reason = "acct_1", "cannot_resend_yet"
    cooling.account.cool_down.action = "invitation"
    cooling.account.cool_down.end_time.FromJsonString("2026-03-03T12:00:00Z")
    lost = pb.Event(type=pb.EVENT_TYPE_ACCOUNT_DISCONNECTED)
    lost.account.id, lost.account.reason = "acct_1", "CREDENTIALS"

    shown = [json.loads(payload(event))["data"]["account"] for event in (cooling, lost)]

    cool_down = {"action": "invitation", "endTime": "2026-03-03T12:00:00Z"}
    assert shown == [
        {"id": "acct_1", "reason": "cannot_resend_yet", "coolDown": cool_down},
        {"id": "acct_1", "reason": "CREDENTIALS", "coolDown": None},
    ]
