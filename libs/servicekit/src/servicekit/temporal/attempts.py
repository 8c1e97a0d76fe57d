"""One attempt of an activity: what is carried from the one before, and how long it may last.

Temporal tries again what was not heard of in time, for ever and without a word. So an attempt ends
itself a little earlier. It overran, which is a bug like any other, unless most of its time went
into answers of a database or another service that were slow to come: then one of these is away. An
activity that goes through many things says how far it has come: the next attempt goes on there, and
time that runs out on the way is no fault of anybody's. An
attempt of which nothing is heard at all took its worker with it, so after some attempts each says
that it begins, and the next one knows; or it kept the worker from working, which remembers that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityOutboundInterceptor

from servicekit.errors import DeadlineExceeded, NotYet
from servicekit.tasks import SlowAnswers, slow_answers

UNCOUNTED = 8
"""Attempts that begin without saying so: nearly all come to an end, and each word costs a call."""
_OF_ITS_TIME = 0.9
_MOST_LATE = 10_000


@dataclass
class _Place:
    """How far an attempt has come, and where it began."""

    begun_at: str
    now: str
    counts: Callable[[], Counts]


_PLACE: ContextVar[_Place | None] = ContextVar("place", default=None)


def begun_at() -> str:
    """How far the attempts before have come, as they said it; empty if nowhere."""
    place = _PLACE.get()
    return "" if place is None else place.begun_at


def come_to(place: str) -> None:
    """Have the next attempt begin there, if this one does not come to the end.

    What is behind that place is done for good: it is never looked at again.
    """
    known = _PLACE.get()
    if known is not None:
        known.now = place
        known.counts().beat()


class Unfinished(NotYet):
    """The activity is on its way, and goes on with its next attempt."""


class Overran(Exception):
    """The activity did not come to its end within the time that it has."""


class NeverHeardOf(Exception):
    """An attempt began, and nothing was heard of it: its worker died, or did nothing else."""


@dataclass(frozen=True)
class Counts:
    """What the attempts before came to; carried in the activity's heartbeat."""

    bugs: int = 0
    unheard: int = 0
    """The latest of them, one after the other, of which nothing was heard."""

    @classmethod
    def before(cls, info: activity.Info, late: LateAttempts) -> Counts:
        """Of the attempts before this one."""
        whole = [each for each in info.heartbeat_details if isinstance(each, int)][:2]
        told = cls(*whole)
        return cls(told.bugs, max(told.unheard, late.of(info)))

    def beat(self) -> None:
        """Have the next attempt know."""
        activity.heartbeat(*self.details())

    def details(self) -> tuple[int | str, ...]:
        """As a heartbeat carries them, with the place that the activity has come to."""
        counts = (self.bugs, self.unheard) if self.unheard else (self.bugs,)
        place = _PLACE.get()
        return (*counts, place.now) if place is not None and place.now else counts


class LateAttempts:
    """Attempts that ended in this process when the server had given them up already.

    Something kept the whole process from working meanwhile; not even a heartbeat got out.
    """

    def __init__(self) -> None:
        self._times: dict[tuple[str | None, str], int] = {}

    def of(self, info: activity.Info) -> int:
        """The latest attempts of this activity, one after the other, that were late."""
        return self._times.get((info.workflow_run_id, info.activity_id), 0)

    def ended(self, info: activity.Info, *, after: timedelta) -> None:
        """An attempt has ended; one that was in time is heard of, whatever it says."""
        key = info.workflow_run_id, info.activity_id
        late = info.start_to_close_timeout is not None and after > info.start_to_close_timeout
        if not late:
            self._times.pop(key, None)
            return
        if len(self._times) == _MOST_LATE:
            # Other workers have taken them up since.
            self._times.clear()
        self._times[key] = self._times.get(key, 0) + 1


class CountKept(ActivityOutboundInterceptor):
    """Heartbeats that say nothing else carry the counts on."""

    def __init__(self, following: ActivityOutboundInterceptor, now: Callable[[], Counts]) -> None:
        super().__init__(following)
        self._now = now

    def heartbeat(self, *details: Any) -> None:
        super().heartbeat(*(details or self._now().details()))


@contextmanager
def going_on(info: activity.Info, counts: Callable[[], Counts]) -> Iterator[None]:
    """An attempt that begins where the ones before have come to; `counts` are told with it."""
    told = next((each for each in info.heartbeat_details if isinstance(each, str)), "")
    token = _PLACE.set(_Place(begun_at=told, now=told, counts=counts))
    try:
        yield
    finally:
        _PLACE.reset(token)


@contextmanager
def _judged(answers: SlowAnswers, limit: asyncio.Timeout, within: timedelta) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        place = _PLACE.get()
        if place is not None and place.now != place.begun_at:
            raise Unfinished(retry_after=timedelta(0)) from error
        if answers.waited * 2 >= within:
            raise DeadlineExceeded from error
        raise Overran from error


async def in_time(info: activity.Info, run: Callable[[], Any]) -> Any:
    """What an attempt comes to, within the time that it has.

    Raises `Unfinished` if it has come further, `Overran` if it comes to nothing, and
    `DeadlineExceeded` if that is because answers from outside were slow.
    """
    if info.start_to_close_timeout is None:
        return await run()
    within = info.start_to_close_timeout * _OF_ITS_TIME
    limit = asyncio.timeout(within.total_seconds())
    with slow_answers() as answers, _judged(answers, limit, within):
        async with limit:
            return await run()
