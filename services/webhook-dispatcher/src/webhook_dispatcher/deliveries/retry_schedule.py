"""How patiently a delivery is tried. Everything handed out is real time."""

import random
from datetime import timedelta

from servicekit.clock import Clock

SHORTEST = timedelta(milliseconds=200)
SHORTEST_LAPSE = timedelta(minutes=10)
FACTOR = 3
"""How much longer each interval is than the one before."""
JITTER = 0.2
"""By how much of itself an interval may be longer."""
LEAST_ATTEMPTS = 10
"""None is given up before it was tried so often."""
FIRST_PROBE, LONGEST_PROBE = timedelta(minutes=1), timedelta(hours=1)
KEPT_FOR = timedelta(days=7)
_MOST_TIMES = 20
RECORDING = timedelta(seconds=5)
"""What an attempt may take beside its POST: to read its rows and to write them."""
PATIENCE, LONGEST_WAIT = timedelta(seconds=5), timedelta(seconds=15)
"""How long a first attempt may wait for room, in the process that published its event: while
nothing ends at its endpoint, and at all."""


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
        disable_after: timedelta = timedelta(days=5),
        dice: random.Random | None = None,
    ) -> None:
        self._dice = dice or random.SystemRandom()
        self._clock = clock
        self.attempt_timeout = post_timeout + RECORDING
        self.first_attempt_timeout = self.attempt_timeout + LONGEST_WAIT
        """How long after an event was published its first attempt has ended, and its record."""
        self.first = self._scaled(first, SHORTEST)
        self.longest = max(self.first, self._scaled(longest, SHORTEST))
        self.second = min(FACTOR * self.first, self.longest)
        self.seen_every = self.longest * (1.0 + JITTER) + self.attempt_timeout
        """How long a workflow goes at the most from one attempt to the next."""
        self.lapse_after = self._scaled(lapse_after, SHORTEST_LAPSE)
        self.disable_after = self._scaled(disable_after, SHORTEST_LAPSE)
        """How long an endpoint may do nothing but fail."""
        self.kept_for = self._scaled(KEPT_FOR, SHORTEST_LAPSE)
        """How long what was not delivered waits for an endpoint that is disabled."""
        self.first_probe, self.longest_probe = FIRST_PROBE, LONGEST_PROBE
        """Domain time: how long an endpoint that fails is left alone at first, and at most."""

    def after(self, attempts: int, asked: timedelta | None = None) -> timedelta:
        """The wait after so many attempts, from one on, a little longer each time than told.

        What the receiver asks for lengthens it, up to the longest interval, and never shortens it.
        """
        times = FACTOR ** min(max(attempts - 1, 0), _MOST_TIMES)
        own = min(self.first * times, self.longest)
        wished = timedelta(0) if asked is None else self._scaled(asked, SHORTEST)
        wait: timedelta = max(own, min(wished, self.longest))
        return self._jittered(wait)

    def is_enough(self, attempts: int, *, within: timedelta) -> bool:
        """Whether so many attempts, the first one so long ago, are all that are made."""
        return attempts >= LEAST_ATTEMPTS and within >= self.lapse_after

    def crowded(self) -> timedelta:
        """The wait until others that are under way to the endpoint have ended, one way or other."""
        return self._jittered(self.attempt_timeout)

    def _jittered(self, wait: timedelta) -> timedelta:
        """A little longer: many that failed together do not come again together."""
        return wait * self._dice.uniform(1.0, 1.0 + JITTER)

    def _scaled(self, duration: timedelta, floor: timedelta) -> timedelta:
        """Shorter on a fast clock, down to the floor; as it is on the wall's."""
        if self._clock.speed <= 1.0:
            return duration
        return max(self._clock.real(duration), min(duration, floor))
