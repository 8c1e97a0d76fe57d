"""How patiently a delivery is tried. Everything handed out is real time."""

from datetime import timedelta

from servicekit.clock import Clock

SHORTEST = timedelta(milliseconds=200)
SHORTEST_LAPSE = timedelta(minutes=10)
FACTOR = 3
"""How much longer each interval is than the one before."""
RECORDING = timedelta(seconds=5)
"""What an attempt may take beside its POST: to read its rows and to write them."""


class RetrySchedule:
    """From the first interval, three times longer each time, up to the longest.

    On a fast clock every interval shrinks with it, but none below what a receiver can
    bear, and a delivery always has the time that a restart of either side takes.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        post_timeout: timedelta = timedelta(seconds=15),
        first: timedelta = timedelta(seconds=5),
        longest: timedelta = timedelta(hours=6),
        lapse_after: timedelta = timedelta(days=3),
    ) -> None:
        self._clock = clock
        self.attempt_timeout = post_timeout + RECORDING
        self.first = self._scaled(first, SHORTEST)
        self.longest = max(self.first, self._scaled(longest, SHORTEST))
        self.second = min(FACTOR * self.first, self.longest)
        self.lapse_after = self._scaled(lapse_after, SHORTEST_LAPSE)

    def requested(self, retry_after: timedelta) -> timedelta:
        """The wait a receiver asked for, but no longer than the longest interval."""
        return min(max(self._scaled(retry_after, SHORTEST), SHORTEST), self.longest)

    def after_first(self, retry_after: timedelta | None) -> timedelta:
        """The wait after a first attempt: as asked, else the first interval."""
        return self.first if retry_after is None else self.requested(retry_after)

    def _scaled(self, duration: timedelta, floor: timedelta) -> timedelta:
        """Shorter on a fast clock, down to the floor; as it is on the wall's."""
        if self._clock.speed <= 1.0:
            return duration
        return max(self._clock.real(duration), min(duration, floor))
