"""No caller asks more than is theirs: requests a second with a burst, and streams at once.

Counted in this process alone. Where several replicas serve, a caller may ask each of them so
much: the limits protect a process from a caller, they are no tariff.
"""

import math
import time
from collections import Counter as Counts
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from operator import attrgetter
from typing import NamedTuple, TypeVar, assert_never

from prometheus_client import CollectorRegistry, Counter

from servicekit.auth import Caller, CallerKind, current_caller
from servicekit.credentials.watched_files import WatchedFiles
from servicekit.errors import NotYet, QuotaViolation
from servicekit.grpc.calls import NOTHING, OPEN_SERVICES, Around, Call, Layer
from servicekit.grpc.limit_table import Limit, LimitTable, read_limits
from servicekit.settings import ServiceSettings

_STREAM_RETRY = timedelta(seconds=5)
"""Nobody knows when a stream will end."""
_TIDIED_EVERY = 10_000
"""Requests after which it is forgotten who has asked nothing lately."""

T = TypeVar("T")
Subject = tuple[str, str]
"""`organization` or `key`, and which."""


class RateLimited(NotYet):
    """More was asked at once than this caller may ask."""

    reason = "RATE_LIMITED"


class Left(NamedTuple):
    """What a caller may still ask at once, of the limit that binds first."""

    limit: int
    remaining: int
    reset: float
    """Seconds until all of it may be asked again."""

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """As it is told with every answer."""
        return (
            ("ratelimit-limit", str(self.limit)),
            ("ratelimit-remaining", str(self.remaining)),
            ("ratelimit-reset", str(math.ceil(self.reset))),
        )


class CallerLimits:
    """Counts what callers ask.

    A bucket of requests is one number: the moment at which all of the burst may be asked again.
    Each request moves it on by the time in which the rate makes good for one.
    """

    def __init__(
        self, table: Callable[[], LimitTable], *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._table = table
        self._now = now
        self._full_at: dict[Subject, float] = {}
        self._streams: Counts[Subject] = Counts()
        self._asked = 0

    def take(self, caller: Caller) -> Left | None:
        """Count one request; None for whoever has no limit.

        Raises `RateLimited`, and counts nothing, if one of the caller's limits is used up.
        """
        limits = self._limits(caller)
        if not limits:
            return None
        self._tidy()
        now = self._now()
        full_at = {each: self._moved_on(each, limit, now) for each, limit in limits.items()}
        waits = {each: _wait(limit, full_at[each] - now) for each, limit in limits.items()}
        if max(waits.values()) > 0:
            raise RateLimited(
                retry_after=timedelta(seconds=max(waits.values())),
                quota=[
                    _violation(subject, f"{limits[subject].requests_per_second:g} requests/s")
                    for subject, wait in waits.items()
                    if wait > 0
                ],
                metadata={"limit": "requests"},
            )
        self._full_at.update(full_at)
        left = [_left(limit, full_at[each] - now) for each, limit in limits.items()]
        return min(left, key=_remaining)

    def open_stream(self, caller: Caller) -> Callable[[], None]:
        """Count a stream until what is returned is called; raises `RateLimited` over the limit."""
        limits = self._limits(caller)
        full = [name for name, limit in limits.items() if self._streams[name] >= limit.streams]
        if full:
            raise RateLimited(
                "More streams are open than this caller may have.",
                retry_after=_STREAM_RETRY,
                quota=[_violation(name, f"{limits[name].streams} streams") for name in full],
                metadata={"limit": "streams"},
            )
        self._streams.update(limits.keys())
        return lambda: self._close_stream(limits)

    def _close_stream(self, subjects: Mapping[Subject, Limit]) -> None:
        for subject in subjects:
            self._streams[subject] -= 1
            if not self._streams[subject]:
                del self._streams[subject]

    def _limits(self, caller: Caller) -> dict[Subject, Limit]:
        if not caller.subject:
            # Of what anybody may use it is not known who asks: one could keep all others out.
            return {}
        table = self._table()
        organization: dict[Subject, Limit] = {}
        match caller.kind:
            case CallerKind.SERVICE | CallerKind.ANYONE:
                return {}
            case CallerKind.MEMBER:
                id_ = caller.organization_id
                organization = {("organization", id_): table.of_organization(id_)}
            case CallerKind.OPERATOR:
                pass
            case _:
                assert_never(caller.kind)
        # Two organizations may call their members alike.
        key = ("key", f"{caller.organization_id}/{caller.subject}".lstrip("/"))
        return {**organization, key: table.of_key(caller.subject)}

    def _moved_on(self, subject: Subject, limit: Limit, now: float) -> float:
        """When all of the burst may be asked again, with one more request."""
        return max(self._full_at.get(subject, now), now) + 1 / limit.requests_per_second

    def _tidy(self) -> None:
        self._asked += 1
        if self._asked % _TIDIED_EVERY == 0:
            now = self._now()
            self._full_at = {name: at for name, at in self._full_at.items() if at > now}


def _wait(limit: Limit, full_in: float) -> float:
    """Seconds until there is room for one more request; none or less: there is now."""
    # What was added up in small parts differs by less than this.
    return full_in - limit.burst / limit.requests_per_second - 1e-9


def _left(limit: Limit, full_in: float) -> Left:
    asked = full_in * limit.requests_per_second
    return Left(limit.burst, max(0, math.floor(limit.burst - asked + 1e-6)), full_in)


_remaining = attrgetter("remaining")


def _violation(subject: Subject, allowed: str) -> QuotaViolation:
    return QuotaViolation(":".join(subject), f"At most {allowed} of one {subject[0]}.")


def caller_limits(settings: ServiceSettings) -> CallerLimits:
    """Limits by the table that a service is given, or by the one that holds without any."""
    path = settings.limits_file
    if path is None:
        default = LimitTable()
        return CallerLimits(lambda: default)
    return CallerLimits(WatchedFiles([path], lambda: read_limits(path)).get)


def limited(limits: CallerLimits, registry: CollectorRegistry) -> Layer:
    """Callers who ask too much are refused, and every other one is told what is left.

    Told before the first answer of a stream, and after any other answer.
    """
    refused = Counter(
        "rpc_server_limited",
        "Calls refused because the caller had asked too much, by what was used up.",
        ["limit"],
        registry=registry,
    )
    for what in ("requests", "streams"):
        refused.labels(what)

    def took(take: Callable[[Caller], T], caller: Caller) -> T:
        try:
            return take(caller)
        except RateLimited as refusal:
            refused.labels(refusal.metadata["limit"]).inc()
            raise

    def layer(call: Call) -> Around:
        if call.method.startswith(OPEN_SERVICES):
            return NOTHING
        caller = current_caller()
        left = took(limits.take, caller)
        if call.converses or call.requests is not None:
            return _opened(call, left, took(limits.open_stream, caller))
        if left is not None:
            call.context.set_trailing_metadata(left.metadata())
        return NOTHING

    return layer


@asynccontextmanager
async def _opened(call: Call, left: Left | None, close: Callable[[], None]) -> AsyncIterator[None]:
    """A stream that counts until it ends."""
    try:
        if left is not None and call.converses:
            await call.context.send_initial_metadata(left.metadata())
        elif left is not None:
            call.context.set_trailing_metadata(left.metadata())
        yield
    finally:
        close()
