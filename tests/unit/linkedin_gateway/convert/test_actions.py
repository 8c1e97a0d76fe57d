"""Actions as callers see them."""

from dataclasses import fields, replace

import pytest
from linkedin_gateway.convert.actions import action_message, outcome_message
from linkedin_gateway.models import Action, ActionState, Outcome
from outreach.linkedin.v1 import action_pb2

from tests.unit.linkedin_gateway.storage.test_rows import ACTION

QUEUED = replace(ACTION, state=ActionState.QUEUED)
DONE = replace(ACTION, state=ActionState.DONE)
OUTCOME = Outcome(
    already_so=True,
    sent_as_message=True,
    connected=True,
    provider_id="ACo",
    invitation_id="i",
    chat_id="c",
    message_id="m",
    post_id="p",
)
INTERNAL = {
    "person_id",
    "noted",
    "text_hash",
    "effect",
    "message",
    "attempt",
    "priority",
    "virtual_finish",
    "sending_window",
    "person_time_zone",
    "automatic_reply_wait",
    "lease_until",
    "verify_at",
    "verifications",
    "earlier_ids",
    "target",
    "needs_lookup",
}
"""What callers do not see."""
SHOWN_AS = {
    "identifier": "person",
    "created_at": "create_time",
    "turn_at": "turn_time",
    "sent_at": "send_time",
    "finished_at": "finish_time",
}


def test_every_field_is_shown_or_said_to_be_internal() -> None:
    """A new field of an action has to be decided about."""
    shown = {SHOWN_AS.get(field.name, field.name) for field in fields(Action)} - INTERNAL

    assert shown == {*action_pb2.Action.DESCRIPTOR.fields_by_name}


def test_every_field_of_the_contract_is_told() -> None:
    """None is in the contract and never filled, be it of what waits or of what ended."""
    told = {
        field.name for action in (QUEUED, DONE) for field, _ in action_message(action).ListFields()
    }

    assert told == {*action_pb2.Action.DESCRIPTOR.fields_by_name}


@pytest.mark.parametrize("name", [*action_pb2.ActionOutcome.DESCRIPTOR.fields_by_name])
def test_every_field_of_an_outcome_is_told(name: str) -> None:
    """What came back reaches who asked."""
    told = outcome_message(replace(DONE, outcome=OUTCOME))

    assert name in {field.name for field, _ in told.ListFields()}
    assert all(getattr(OUTCOME, each.name) for each in fields(Outcome))


def test_what_does_not_open_is_told_to_nobody() -> None:
    """Callers are told no text that names nobody at LinkedIn."""
    lost = replace(DONE, identifier="s1:lost", outcome=replace(OUTCOME, chat_id="s1:lost"))

    told = action_message(lost)

    assert told.person.public_identifier == told.outcome.chat_id == ""
    assert told.outcome.message_id == "m"
