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
    assert said.sender_provider_id == "ACo-ada"
    assert said.at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert not said.marked_own


@pytest.mark.parametrize("mark", [True, 1])
def test_own_messages_are_marked_in_two_ways(mark: object) -> None:
    """Flags are booleans in webhooks and numbers elsewhere; both are understood."""
    said = read({**MESSAGE, "is_sender": mark})

    assert isinstance(said, MessagePayload)
    assert said.marked_own


@pytest.mark.parametrize("other", [{"is_group": True}, {"is_event": 1}, {"event": "message_read"}])
def test_what_is_no_message_to_the_account(other: dict[str, Any]) -> None:
    """Groups, events of a chat and receipts are not messages of a lead."""
    assert read({**MESSAGE, **other}) is None


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

    assert dedupe_key(MESSAGE, received_at=NOW) == dedupe_key(MESSAGE, received_at=later)
    assert dedupe_key(RELATION, received_at=NOW) == dedupe_key(RELATION, received_at=later)
    assert dedupe_key(STATUS, received_at=NOW) != dedupe_key(STATUS, received_at=later)


def test_a_key_fits_into_an_index() -> None:
    """Ids of any length make one; a webhook with one of 60 KB was never stored."""
    long = MESSAGE | {"message_id": "m" * 60_000}
    longer = MESSAGE | {"message_id": "m" * 60_001}

    assert len(dedupe_key(long, received_at=NOW)) < 600
    assert dedupe_key(long, received_at=NOW) != dedupe_key(longer, received_at=NOW)


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

    assert dedupe_key(body, received_at=NOW)
