"""Instants as people read them: local and relative at a terminal, in UTC where a program reads."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from outreach_client.formats.shown import is_terminal, now

_RELATIVE_WITHIN = timedelta(days=7)
_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "m"))


def instant_text(timestamp: Timestamp) -> str:
    """`2026-03-02T09:00:00Z` for a program; `2026-03-02 10:00 (3h ago)` for who looks at it."""
    try:
        at = timestamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        return f"{timestamp.seconds} s"
    if not is_terminal():
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return local_text(at, now())


def zoned_text(timestamp: Timestamp, zone: str) -> str:
    """`Mon 2027-03-01 06:00 Europe/Berlin`; in UTC where the zone is not known here."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - seldom

    try:
        at = timestamp.ToDatetime(UTC).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError, OSError, KeyError):
        return instant_text(timestamp)
    return f"{at:%a %Y-%m-%d %H:%M} {zone}"


def local_text(at: datetime, moment: datetime) -> str:
    """In the zone of this machine, and how far from a moment that is within some days."""
    try:
        local = at.astimezone()
    except (ValueError, OverflowError, OSError):
        local = at
    written = f"{local:%Y-%m-%d %H:%M}"
    away = abs(at - moment)
    return f"{written} ({relative(at, moment)})" if away < _RELATIVE_WITHIN else written


def relative(at: datetime, moment: datetime) -> str:
    """`3h ago`, `in 2d`; `now` within a second."""
    away = abs(at - moment)
    if away < timedelta(seconds=1):
        return "now"
    for unit, name in _UNITS:
        if away >= unit:
            told = f"{away // unit}{name}"
            break
    else:
        told = f"{away.seconds}s"
    return f"in {told}" if at > moment else f"{told} ago"
