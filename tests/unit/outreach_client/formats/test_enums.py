"""Enums by their short names."""

import pytest
from outreach.linkedin.v1 import account_pb2, action_pb2, hold_pb2
from outreach.webhook.v1 import event_pb2, webhook_service_pb2
from outreach_client.formats.enums import enum_names, enum_number, enum_text

ENUMS = [
    account_pb2.AccountTier.DESCRIPTOR,
    action_pb2.ActionKind.DESCRIPTOR,
    hold_pb2.HoldScope.DESCRIPTOR,
    event_pb2.EventType.DESCRIPTOR,
    webhook_service_pb2.DeliveryState.DESCRIPTOR,
]


@pytest.mark.parametrize("enum", ENUMS)
def test_round_trip(enum: object) -> None:
    """Every value but the one that is never sent has a short name that leads back to it."""
    names = enum_names(enum)  # type: ignore[arg-type]

    numbers = [enum_number(enum, name) for name in names]  # type: ignore[arg-type]

    assert [enum_text(enum, number) for number in numbers] == names  # type: ignore[arg-type]
    assert 0 not in numbers
    assert all(name == name.lower() for name in names)


@pytest.mark.parametrize("text", ["lead.failed", "lead-failed", "LEAD_FAILED", " lead_failed "])
def test_spellings(text: str) -> None:
    """Dots, dashes and capitals do not matter."""
    assert enum_number(event_pb2.EventType.DESCRIPTOR, text) == event_pb2.EVENT_TYPE_LEAD_FAILED


def test_unknown_names_are_told_the_known_ones() -> None:
    """A wrong name is refused with the list of right ones."""
    with pytest.raises(ValueError, match="pending, delivered, lapsed, dropped"):
        enum_number(webhook_service_pb2.DeliveryState.DESCRIPTOR, "unspecified")


def test_a_number_from_the_future_is_shown() -> None:
    """A value that this client does not know yet is shown as its number."""
    assert enum_text(action_pb2.ActionKind.DESCRIPTOR, 99) == "99"
    assert enum_text(action_pb2.ActionKind.DESCRIPTOR, 0) == ""
