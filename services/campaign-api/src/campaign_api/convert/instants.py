"""Moments on the wire."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 24 * 60 * 60


def timestamp(at: datetime | None) -> Timestamp | None:
    """The instant on the wire; no instant is no field."""
    if at is None:
        return None
    # As `FromDatetime`, at a third of its time: a page has hundreds of them.
    since = at - _EPOCH
    return Timestamp(seconds=since.days * _DAY + since.seconds, nanos=since.microseconds * 1000)


def instant(at: Timestamp) -> datetime:
    """The instant of a timestamp, in UTC."""
    return at.ToDatetime(UTC)
