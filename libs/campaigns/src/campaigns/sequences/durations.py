"""Durations as people read them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def describe_duration(duration: timedelta) -> str:
    """`2 days`, `1 hour 30 minutes`, `at once`; to the second."""
    return " ".join(_parts(round(duration.total_seconds()))) or "at once"


def _parts(seconds: int) -> Iterator[str]:
    for name, length in _UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            yield f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"
