"""Moments on the wire."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(at: datetime | None) -> Timestamp | None:
    """The instant on the wire; no instant is no field."""
    if at is None:
        return None
    converted = Timestamp()
    converted.FromDatetime(at)
    return converted


def instant(at: Timestamp) -> datetime:
    """The instant of a timestamp, in UTC."""
    return at.ToDatetime(UTC)
