"""What customers are told, from rows."""

from dataclasses import replace

import pytest
from campaigns.models import ConnectionState, Person
from campaigns.sequences.sequence import Step, StepKind
from outreach.webhook.v1 import event_pb2
from outreach_worker.events import contracts as events
from outreach_worker.events.contracts import CustomerEvent
from outreach_worker.events.snapshots import event_to_proto

from tests.unit.outreach_worker.steps.test_gateway_requests import CAMPAIGN, LEAD, NOON

TYPES = [value for name, value in vars(events).items() if name.isupper() and "." in str(value)]


def told(event_type: str, **more: object) -> CustomerEvent:
    return CustomerEvent(type=event_type, campaign_id="camp_1", at=NOON, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("event_type", TYPES)
def test_every_type_is_in_the_contract(event_type: str) -> None:
    """No workflow can name an event that customers cannot subscribe to."""
    made = event_to_proto(told(event_type), campaign=CAMPAIGN, lead=None, step=None)

    name = event_pb2.EventType.Name(made.type)
    assert name.removeprefix("EVENT_TYPE_").lower().replace("_", ".", 1) == event_type


def test_a_lead_is_told_whole() -> None:
    """The address is one that opens, whatever letters are in it."""
    person = Person(public_identifier="zoë/1", first_name="Zoë", variables={"shoe_size": "41"})

    made = event_to_proto(
        told("lead.started"), campaign=CAMPAIGN, lead=replace(LEAD, person=person), step=None
    )

    assert made.lead.linkedin_url == "https://www.linkedin.com/in/zo%C3%AB%2F1"
    assert dict(made.lead.variables) == {"shoe_size": "41"}
    assert made.occur_time.ToDatetime().isoformat() == "2026-03-02T12:00:00"


@pytest.mark.parametrize(
    ("connection", "reply", "status"),
    [
        (ConnectionState.NONE, "", "not_connected"),
        (ConnectionState.INVITED, "", "pending"),
        (ConnectionState.CONNECTED, "", "accepted"),
        (ConnectionState.NOT_ACCEPTED, "", "not_accepted"),
        (ConnectionState.WITHDRAWN, "", "withdrawn"),
        (ConnectionState.CONNECTED, "Hi", "replied"),
    ],
)
def test_a_connection_has_the_customers_word(
    connection: ConnectionState, reply: str, status: str
) -> None:
    """Every state of a connection has the name that customers' systems know."""
    lead = replace(LEAD, connection=connection, reply=reply)

    made = event_to_proto(told("lead.completed"), campaign=CAMPAIGN, lead=lead, step=None)

    assert made.lead.connection_status == status


def test_a_step_is_told_as_it_ended() -> None:
    """The step's place and label, and the state that the happening names."""
    step = Step(step_id="visit", index=3, kind=StepKind.PROFILE_VISIT, label="Visit")

    made = event_to_proto(
        told("step.failed", step_id="visit", state="failed", reason="NO_POSTS"),
        campaign=CAMPAIGN,
        lead=LEAD,
        step=step,
    )

    assert (made.step.index, made.step.label, made.step.type) == (3, "Visit", "profile_visit")
    assert (made.step.state, made.step.reason) == ("failed", "NO_POSTS")


def test_a_reply_is_told_in_its_words() -> None:
    """What the person wrote, and where."""
    made = event_to_proto(
        told("reply.received", message="Hi", chat_id="chat_1", message_id="msg_1"),
        campaign=CAMPAIGN,
        lead=LEAD,
        step=None,
    )

    assert (made.reply.message, made.reply.chat_id, made.reply.message_id) == (
        "Hi",
        "chat_1",
        "msg_1",
    )


def test_it_is_told_where_the_owner_wrote() -> None:
    """The chat and the message; its words are the owner's own."""
    made = event_to_proto(
        told("owner.wrote", chat_id="chat_1", message_id="msg_1"),
        campaign=CAMPAIGN,
        lead=LEAD,
        step=None,
    )

    assert (made.owner_message.chat_id, made.owner_message.message_id) == ("chat_1", "msg_1")
    assert not made.HasField("reply")


def test_an_event_id_is_made_from_ids() -> None:
    """Publishing twice is publishing once; what can recur is told apart by a key."""
    step = told("step.completed", lead_id="lead_1", step_id="visit")

    assert step.event_id == "camp_1/lead_1/visit/step.completed"
    assert told("campaign.paused", key="k1").event_id == "camp_1/campaign.paused/k1"
