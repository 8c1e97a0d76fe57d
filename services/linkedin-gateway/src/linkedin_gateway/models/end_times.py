"""Times as seconds since 1970: hundreds count in a window, and a decision looks at a dozen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime.fromtimestamp(0, UTC)


class EndTimes(Sequence[datetime]):
    """Times in order; those that are looked at become datetimes."""

    def __init__(self, seconds: Sequence[float]) -> None:
        self.seconds = seconds

    def __len__(self) -> int:
        return len(self.seconds)

    @overload
    def __getitem__(self, position: int) -> datetime: ...
    @overload
    def __getitem__(self, position: slice) -> EndTimes: ...
    def __getitem__(self, position: int | slice) -> datetime | EndTimes:
        if isinstance(position, slice):
            return EndTimes(self.seconds[position])
        return moment_of(self.seconds[position])

    def merged_with(self, other: EndTimes) -> EndTimes:
        """Both, in order."""
        return EndTimes(sorted((*self.seconds, *other.seconds)))


def moment_of(seconds: float) -> datetime:
    """The moment so many seconds after 1970 began."""
    # Rounded they are exact: until 2106 two microseconds are never the same number of seconds.
    return _EPOCH + timedelta(microseconds=round(seconds * 1_000_000))


def seconds_of(times: Sequence[datetime]) -> Sequence[float]:
    """How many seconds after 1970 began each is."""
    return times.seconds if isinstance(times, EndTimes) else [each.timestamp() for each in times]
