"""Organizations whose events the dispatcher does not take in time. Pure."""

from collections.abc import Collection
from datetime import timedelta

MOST_EVENTS = 500
"""Of one call."""
RESTS = timedelta(seconds=20)
"""As long as a call may take: who is slow holds up the others half of the time at the most."""
PAUSES = timedelta(seconds=5)
"""Who is not taken now, while others are: as long as a dispatcher takes to be replaced."""
_GROWS_BY = 8


class SlowOrganizations:
    """Fewer events at once each time, and a rest, in which those of others are sent.

    What is taken in time is followed by a few more. Times are seconds of a clock that never goes
    back.
    """

    def __init__(self) -> None:
        self._most: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def most(self, organization_id: str) -> int:
        """How many events of an organization go in one call."""
        return self._most.get(organization_id, MOST_EVENTS)

    def resting(self, *, now: float) -> Collection[str]:
        """Of whom nothing is sent now."""
        self._until = {each: until for each, until in self._until.items() if until > now}
        return self._until.keys()

    def took_too_long(self, organization_id: str, *, events: int, now: float) -> None:
        """So many events were not taken in time."""
        self._most[organization_id] = max(1, events // 2)
        self._until[organization_id] = now + RESTS.total_seconds()

    def was_not_taken(self, organization_id: str, *, now: float) -> None:
        """It was answered that they cannot be taken now."""
        self._until[organization_id] = now + PAUSES.total_seconds()

    def was_in_time(self, organization_id: str) -> None:
        """So many as it may be sent were taken, or less."""
        if organization_id not in self._most:
            return
        most = self._most[organization_id]
        more = most + max(1, most // _GROWS_BY)
        if more >= MOST_EVENTS:
            del self._most[organization_id]
        else:
            self._most[organization_id] = more
