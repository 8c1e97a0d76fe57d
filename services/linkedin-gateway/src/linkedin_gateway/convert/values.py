"""Kinds, times and spans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.linkedin.v1 import action_pb2

from linkedin_gateway.kinds.registry import PUBLIC
from linkedin_gateway.models import Kind

_E = TypeVar("_E", bound=Enum)
KIND_NUMBERS: Mapping[Kind, action_pb2.ActionKind.ValueType] = {
    kind: action_pb2.ActionKind.Value(f"ACTION_KIND_{kind.name}") for kind in PUBLIC
}
KINDS: Mapping[int, Kind] = {number: kind for kind, number in KIND_NUMBERS.items()}


def kind_of(number: int) -> Kind | None:
    """A kind to filter by; None for any."""
    return chosen(number, KINDS)


def chosen(number: int, known: Mapping[int, _E]) -> _E | None:
    """A value to filter by; None for any."""
    return known[number] if number != 0 else None


def timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    message = Timestamp()
    message.FromDatetime(at)
    return message


def instant(message: Timestamp, *, given: bool) -> datetime | None:
    return message.ToDatetime(UTC) if given else None


def duration(span: timedelta) -> Duration:
    message = Duration()
    message.FromTimedelta(span)
    return message
