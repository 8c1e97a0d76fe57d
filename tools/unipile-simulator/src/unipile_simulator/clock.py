"""What time it is in the simulated world.

Instants are unix seconds on the virtual clock and durations are virtual seconds, both floats:
they are compared, stored and put on a heap on every request. They become text only at the edges.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY


class Clock(Protocol):
    """Virtual time, and how to wait for it."""

    @property
    def speed(self) -> float:
        """Virtual seconds per real second."""

    def now(self) -> float:
        """The virtual instant."""

    async def sleep(self, duration: float) -> None:
        """Wait for a virtual duration."""


@dataclass(frozen=True, kw_only=True)
class VirtualClock:
    """Runs from `epoch` at `speed` times the speed of the wall clock."""

    epoch: float = 0.0
    speed: float = 1.0

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> VirtualClock:
        """Read `SANDBOX_CLOCK=<epoch>,<speed>`; unset means the real clock.

        Raises `ValueError` unless the speed is positive.
        """
        setting = (os.environ if environ is None else environ).get("SANDBOX_CLOCK", "").strip()
        if not setting:
            return cls()
        epoch, _, speed = setting.rpartition(",")
        clock = cls(epoch=parse_instant(epoch.strip()), speed=float(speed))
        if clock.speed <= 0:
            raise ValueError("SANDBOX_CLOCK: the speed must be positive")
        return clock

    def now(self) -> float:
        """`epoch + (real - epoch) * speed`."""
        return self.epoch + (time.time() - self.epoch) * self.speed

    async def sleep(self, duration: float) -> None:
        """Wait `duration / speed` real seconds."""
        await asyncio.sleep(max(0.0, duration / self.speed))


class ManualClock:
    """Stands still until it is told to move; for tests."""

    speed = 1.0

    def __init__(self, now: float = 1_767_600_000.0) -> None:
        self._now = now
        self._moved = asyncio.Event()

    def now(self) -> float:
        """The instant it was last moved to."""
        return self._now

    def advance(self, duration: float) -> None:
        """Move forward and wake everyone whose time has come."""
        self._now += duration
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def sleep(self, duration: float) -> None:
        """Wait until the clock was moved past `duration`."""
        until = self._now + duration
        while self._now < until:
            await self._moved.wait()


def parse_instant(text: str) -> float:
    """Unix seconds from unix seconds or ISO-8601 (UTC when no zone is given)."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def iso(at: float) -> str:
    """The form Unipile uses: three decimals and Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def iso_micros(at: float) -> str:
    """The form the journal uses: six decimals and Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def us_date(at: float) -> str:
    """The form of dates in profile sections: M/D/YYYY."""
    day = datetime.fromtimestamp(at, UTC)
    return f"{day.month}/{day.day}/{day.year}"
