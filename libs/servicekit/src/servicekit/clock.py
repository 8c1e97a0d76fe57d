"""Time, real or virtual.

Domain code lives in virtual time; only what is handed to the operating system
or to a scheduler (sleeps, timers, deadlines) is converted to real time. With no
sandbox the two are the same.

Importing this module has no side effects, and `at`, `real` and `virtual` are
pure: deterministic code passes its own idea of the real time to `at`.
"""

import asyncio
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

SANDBOX_CLOCK = "SANDBOX_CLOCK"

_UNIX_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Clock:
    """Virtual time: `epoch` is when both times agree, `speed` how fast it runs.

    Every process given the same two values reads the same time.
    """

    epoch: datetime
    speed: float = 1.0

    def __post_init__(self) -> None:
        if self.epoch.tzinfo is None:
            raise ValueError("the epoch of a clock needs a time zone")
        if not (self.speed > 0 and math.isfinite(self.speed)):
            raise ValueError("the speed of a clock is a positive number")

    @classmethod
    def real_time(cls) -> Self:
        """The clock on the wall."""
        return cls(_UNIX_EPOCH, 1.0)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read `SANDBOX_CLOCK=<epoch>,<speed>`; unset means the clock on the wall.

        The epoch is an ISO-8601 instant or unix seconds; raises `ValueError` for anything else.
        """
        text = environ.get(SANDBOX_CLOCK, "").strip()
        if not text:
            return cls.real_time()
        epoch, _, speed = text.partition(",")
        try:
            return cls(_instant(epoch.strip()), float(speed))
        except ValueError as error:
            raise ValueError(f"{SANDBOX_CLOCK} must be <epoch>,<speed>: {error}") from error

    @property
    def sandbox(self) -> bool:
        """Whether this is anything but the clock on the wall."""
        return (self.epoch, self.speed) != (_UNIX_EPOCH, 1.0)

    def now(self) -> datetime:
        """The virtual time, aware, in UTC."""
        return self.at(datetime.now(UTC))

    def at(self, real: datetime) -> datetime:
        """The virtual time at a real instant."""
        if self.speed == 1.0:
            return real.astimezone(UTC)
        return (self.epoch + (real - self.epoch) * self.speed).astimezone(UTC)

    def real(self, duration: timedelta) -> timedelta:
        """How long a virtual duration takes on the wall."""
        return duration if self.speed == 1.0 else duration / self.speed

    def virtual(self, duration: timedelta) -> timedelta:
        """How much virtual time passes in a real duration."""
        return duration if self.speed == 1.0 else duration * self.speed

    async def sleep(self, duration: timedelta) -> None:
        """Sleep for a virtual duration, and never wake before it is over."""
        due_at = time.monotonic() + self.real(duration).total_seconds()
        while (left := due_at - time.monotonic()) > 0:  # noqa: ASYNC110 - a sleep, not a poll
            # A timer may fire a millisecond early, which is long on a fast clock.
            await asyncio.sleep(left)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
