"""What customers are told, from rows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from campaigns.models import ConnectionState, Person
from campaigns.sequences.sequence import Step, StepKind
from hypothesis import example, given
from hypothesis import strategies as st
from outreach.webhook.v1 import event_pb2, webhook_service_pb2
from outreach_worker.events import contracts as events
from outreach_worker.events.contracts import CustomerEvent
from outreach_worker.events.snapshots import event_to_proto
from webhook_dispatcher.convert.events import published_event

from tests.unit.outreach_worker.steps.test_gateway_requests import CAMPAIGN, LEAD, NOON

TYPES = [value for name, value in vars(events).items() if name.isupper() and "." in str(value)]

DRAWN_IDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200)


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


def test_a_request_to_stop_is_told_with_what_was_made_of_it() -> None:
    """Customers' systems stop too, and may find the suppression again."""
    asked, other = (
        event_to_proto(
            told("reply.received", suppression_id=suppression_id),
            campaign=CAMPAIGN,
            lead=LEAD,
            step=None,
        ).reply
        for suppression_id in ("supp_1", "")
    )

    assert (asked.opted_out, asked.suppression_id) == (True, "supp_1")
    assert (other.opted_out, other.suppression_id) == (False, "")


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

    again = replace(step, at=NOON + timedelta(hours=1), reason="another attempt")
    assert step.event_id == again.event_id == "evt_415ba7e50318b1f37fb6ba22a32bd0b2"
    paused = {told("campaign.paused", key=key).event_id for key in ("k1", "k2")}
    assert len(paused) == 2


def drawn(step_id: str) -> Step:
    return Step(step_id=step_id, index=0, kind=StepKind.PROFILE_VISIT)


@given(DRAWN_IDS, DRAWN_IDS)
@example("Schritt 0 für alle", "шаг1")  # noqa: RUF001 - Cyrillic is meant
@example("a" * 150, "a" * 151)
def test_an_event_id_holds_whatever_was_drawn(one: str, other: str) -> None:
    """A node id with a space or an umlaut made every event of its steps unpublishable.

    The dispatcher takes the event, and two steps have two events, whatever their ids hold.
    """
    events = [told("step.completed", lead_id="lead_1", step_id=step_id) for step_id in (one, other)]
    made = [
        event_to_proto(each, campaign=CAMPAIGN, lead=LEAD, step=drawn(each.step_id))
        for each in events
    ]

    taken = [published_event(webhook_service_pb2.PublishEventRequest(event=each)) for each in made]

    assert (taken[0].id == taken[1].id) == (one == other)
