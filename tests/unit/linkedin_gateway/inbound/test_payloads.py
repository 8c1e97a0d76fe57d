"""What webhooks say, however they come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.inbound.payloads import (
    MessagePayload,
    RelationPayload,
    StatusPayload,
    dedupe_key,
    found,
    read,
    source_of,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MESSAGE: dict[str, Any] = {
    "event": "message_received",
    "account_id": "u1",
    "account_info": {"user_id": "ACo-owner"},
    "chat_id": "chat-1",
    "message_id": "m-1",
    "message": "Hello",
    "timestamp": "2026-03-02T11:00:00.000Z",
    "sender": {"attendee_provider_id": "ACo-ada"},
    "attendees": [{"attendee_provider_id": "ACo-ada"}],
}
STATUS = {"AccountStatus": {"account_id": "u1", "message": "credentials"}}
RELATION = {"event": "new_relation", "account_id": "u1", "user_provider_id": "ACo-ada"}


def test_message() -> None:
    """A message is read with who wrote it, where and when."""
    said = read(MESSAGE)

    assert isinstance(said, MessagePayload)
    assert said.message.author.provider_id == "ACo-ada"
    assert said.message.at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert not said.message.marked_own


@pytest.mark.parametrize("mark", [True, 1])
def test_own_messages_are_marked_in_two_ways(mark: object) -> None:
    """Flags are booleans in webhooks and numbers elsewhere; both are understood."""
    said = read({**MESSAGE, "is_sender": mark})

    assert isinstance(said, MessagePayload)
    assert said.message.marked_own


@pytest.mark.parametrize("event", ["message_read", "message_reaction", "message_deleted", 7, None])
def test_what_is_no_message(event: object) -> None:
    """Receipts and reactions are not messages of a lead."""
    assert read({**MESSAGE, "event": event}) is None


def test_no_chat_has_a_million_attendees() -> None:
    """A body is as long as its sender likes; what is made of it is not."""
    said = read({**MESSAGE, "attendees": [{"attendee_provider_id": "ACo-ada"}] * 100_000})

    assert isinstance(said, MessagePayload)
    assert len(said.message.attendees) == 500


def test_an_edit_is_a_message_of_its_own() -> None:
    """Each text that an edit makes of a message is heard, and once."""
    edited = {**MESSAGE, "event": "message_edited", "message": "No"}
    said = read(edited)

    assert isinstance(said, MessagePayload)
    assert said.message.edited
    assert len({key(each) for each in (MESSAGE, edited, {**edited, "message": "Yes"})}) == 3
    assert key(edited) == key({**edited, "webhook_name": "again"})


def test_what_a_poll_finds_is_its_webhook() -> None:
    """A message found in the store has the key of the webhook that told of it, or will."""
    stored = {"id": "m-1", "chat_id": "chat-1", "sender_id": "ACo-ada", "text": "Hello"}
    body = found("u1", stored)
    said = read(body)

    assert isinstance(said, MessagePayload)
    assert said.message.author.provider_id == "ACo-ada"
    assert key(body) == key(MESSAGE)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.linkedin.com/in/ada", "ada"),
        ("https://www.linkedin.com/in/ACoAAB/?trk=x", "ACoAAB"),
        ("https://www.linkedin.com/company/ada", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_addresses_name_people(url: str, expected: str) -> None:
    """The name or id in an author's address is read, whatever else comes as one."""
    said = read({**MESSAGE, "sender": {"attendee_profile_url": url}})

    assert isinstance(said, MessagePayload)
    assert said.message.author.name_or_id == expected


def test_status_has_an_envelope_of_its_own() -> None:
    """Account statuses carry no `event`; they are known by their envelope."""
    assert read(STATUS) == StatusPayload(unipile_account_id="u1", status="CREDENTIALS")
    assert source_of(STATUS) == "account_status"


def test_relation() -> None:
    """A new relation names the person by both ids."""
    assert isinstance(read(RELATION), RelationPayload)


def test_repeated_deliveries_have_one_key() -> None:
    """The same message delivered twice is one; two statuses are two."""
    later = NOW + timedelta(minutes=5)

    assert key(MESSAGE, received_at=NOW) == key(MESSAGE, received_at=later)
    assert key(RELATION, received_at=NOW) == key(RELATION, received_at=later)
    assert key(STATUS, received_at=NOW) != key(STATUS, received_at=later)


def key(body: dict[str, Any], received_at: datetime = NOW) -> str:
    return dedupe_key(body, repr(body).encode(), received_at=received_at)


def test_a_key_fits_into_an_index() -> None:
    """Ids of any length make one; a webhook with one of 60 KB was never stored."""
    long = MESSAGE | {"message_id": "m" * 60_000}
    longer = MESSAGE | {"message_id": "m" * 60_001}

    assert len(key(long)) < 600
    assert key(long) != key(longer)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from([*MESSAGE, "AccountStatus", "is_sender", "anything"])


@given(st.dictionaries(keys, json_values))
def test_nothing_breaks_the_reading(body: dict[str, Any]) -> None:
    """Whatever is sent, reading it raises nothing and gives it a key."""
    read({"event": "message_received", **body})

    assert key(body, received_at=NOW)


@pytest.mark.parametrize(
    "event", ["message_read", "message_reaction", "message_deleted", "message_starred", "", None, 7]
)
def test_an_event_that_changes_nothing_is_kept_and_passed_over(event: Any) -> None:
    """Those that we know, and one that is new to us: by its own key, and with no meaning."""
    body = {**MESSAGE, "event": event}

    assert read(body) is None
    assert source_of(body) == "other"
