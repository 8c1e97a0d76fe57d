"""Durations and instants as people write and read them: `90m`, `1d12h`, `2026-03-02T09:00Z`."""

import re
from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")


def parse_duration(text: str) -> timedelta:
    """`90m`, `1d12h`, `30s`; raises `ValueError` for anything else."""
    written = text.replace(" ", "")
    parts = _PART.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        raise ValueError(f"{text!r} is not a duration such as 90m, 12h or 1d12h")
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
    except OverflowError as error:
        raise ValueError(f"{text!r} is longer than anything lasts") from error


def parse_instant(text: str) -> datetime:
    """ISO 8601; without a zone it is UTC. Raises `ValueError` for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not an instant such as 2026-03-02T09:00Z") from error
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def to_duration(duration: timedelta | None) -> Duration | None:
    """The duration as protobuf; None stays None."""
    if duration is None:
        return None
    message = Duration()
    message.FromTimedelta(duration)
    return message


def to_timestamp(instant: datetime | None) -> Timestamp | None:
    """The instant as protobuf; None stays None."""
    if instant is None:
        return None
    message = Timestamp()
    message.FromDatetime(instant)
    return message


def duration_text(duration: Duration) -> str:
    """`1d 12h`, `0s`; below a second in milliseconds."""
    milliseconds = duration.ToMilliseconds()
    if milliseconds < 0:
        return f"-{duration_text(Duration(seconds=-duration.seconds, nanos=-duration.nanos))}"
    if 0 < milliseconds < 1000:  # noqa: PLR2004 - a second
        return f"{milliseconds} ms"
    seconds, parts = milliseconds // 1000, []
    for unit in ("w", "d", "h", "m", "s"):
        count, seconds = divmod(seconds, int(_UNITS[unit]))
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"
