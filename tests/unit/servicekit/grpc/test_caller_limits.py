"""servicekit.grpc.caller_limits: nobody asks more than is theirs, and all hear what is left."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys
from google.protobuf.wrappers_pb2 import StringValue
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from servicekit.auth import Caller, CallerKind
from servicekit.credentials.watched_files import LOOKED_AT_EVERY, WatchedFiles
from servicekit.grpc.caller_limits import CallerLimits, RateLimited
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.limit_table import LimitTable, limit_table, read_limits
from servicekit.grpc.server import GrpcServer
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

ANN = Caller("ann", "org_1")
BEN = Caller("ben", "org_1")


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def limits(seconds: Seconds, **written: Any) -> CallerLimits:
    table = limit_table(written)
    return CallerLimits(lambda: table, now=seconds)


def asked(limits: CallerLimits, caller: Caller, times: int) -> int:
    """How many of so many requests at once are let in."""
    admitted = 0
    for _ in range(times):
        try:
            limits.take(caller)
        except RateLimited:
            continue
        admitted += 1
    return admitted


@given(
    rate=st.floats(0.5, 500),
    burst=st.integers(1, 50),
    gaps=st.lists(st.floats(0, 5), min_size=1, max_size=80),
)
def test_no_stretch_of_time_holds_more_than_its_burst_and_rate(
    rate: float, burst: int, gaps: list[float]
) -> None:
    """However requests come, between any two moments no more are let in than both allow."""
    seconds = Seconds()
    one = {"requests_per_second": rate, "burst": burst}
    counted = limits(seconds, key=one, organization=one)
    admitted: list[float] = []
    for gap in gaps:
        seconds.now += gap
        admitted += [seconds.now] * asked(counted, ANN, 3)

    for first, last in itertools.combinations(range(len(admitted)), 2):
        took = admitted[last] - admitted[first]
        assert last - first + 1 <= burst + rate * took + 1e-3


@given(rate=st.floats(0.5, 500), burst=st.integers(1, 50), early=st.floats(0.0, 0.9))
def test_who_comes_when_told_is_let_in(rate: float, burst: int, early: float) -> None:
    """The delay of a refusal is the caller's own: sooner is refused, then is not."""
    seconds = Seconds()
    counted = limits(seconds, key={"requests_per_second": rate, "burst": burst})
    asked(counted, ANN, burst)
    with pytest.raises(RateLimited) as refused:
        counted.take(ANN)
    assert refused.value.retry_after is not None
    wait = refused.value.retry_after.total_seconds()

    seconds.now += wait * early
    too_early = asked(counted, ANN, 1)
    seconds.now += wait * (1 - early) + 1e-5

    # What is told is told in microseconds.
    assert too_early == 0 or wait * (1 - early) < 1e-5
    assert asked(counted, ANN, 1) == 1


def test_members_share_what_is_their_organizations() -> None:
    """One member alone is held by their own limit, all together by the organization's."""
    counted = limits(
        Seconds(),
        organization={"requests_per_second": 1, "burst": 5},
        key={"requests_per_second": 1, "burst": 4},
    )

    assert asked(counted, ANN, 9) == 4
    assert asked(counted, BEN, 9) == 1
    assert asked(counted, Caller("ann", "org_2"), 9) == 4


def test_a_refusal_names_what_is_used_up_and_counts_nothing() -> None:
    """The organization's budget is not spent on what the member's own limit refuses."""
    counted = limits(
        Seconds(),
        organization={"requests_per_second": 1, "burst": 5},
        key={"requests_per_second": 2, "burst": 1},
    )
    counted.take(ANN)

    with pytest.raises(RateLimited) as refused:
        counted.take(ANN)

    (violation,) = refused.value.quota
    assert violation.subject == "key:org_1/ann"
    assert violation.description == "At most 2 requests/s of one key."
    assert refused.value.retry_after == pytest.approx(
        timedelta(seconds=0.5), abs=timedelta.resolution
    )
    assert asked(counted, BEN, 1) == 1
    left = counted.take(Caller("cy", "org_1"))
    assert left is not None
    assert left.remaining == 0


@pytest.mark.parametrize("kind", [CallerKind.SERVICE, CallerKind.ANYONE])
def test_our_services_are_never_refused(kind: CallerKind) -> None:
    """A worker's calls are paced by the ledger; a limit here would only delay leads."""
    counted = limits(Seconds(), key={"requests_per_second": 1, "burst": 1})

    assert asked(counted, Caller("outreach-worker", kind=kind), 50) == 50


def test_what_is_written_of_one_differs_from_the_rest_only_where_it_says() -> None:
    """An organization's own line takes what it does not name from the common one."""
    table = limit_table({"organization": {"burst": 7}, "organizations": {"org_1": {"streams": 3}}})

    assert table.of_organization("org_2").burst == 7
    assert table.of_organization("org_1").burst == 7
    assert table.of_organization("org_1").streams == 3


@pytest.mark.parametrize(
    "written",
    [
        {"organization": {"requests_per_second": 0}},
        {"organization": {"requests_per_second": float("inf")}},
        {"key": {"burst": 0}},
        {"key": {"brust": 10}},
        {"organisation": {"burst": 10}},
        {"keys": {"key_1": {"streams": -1}}},
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(written: dict[str, Any]) -> None:
    """A misspelt name would be a limit that nobody set."""
    with pytest.raises(ValueError, match="validation error"):
        limit_table(written)


def test_a_table_is_read_again_and_a_broken_one_is_not(tmp_path: Path) -> None:
    """A new limit needs no restart; what cannot be read leaves the one of before in force."""
    path, seconds = tmp_path / "limits.toml", Seconds()
    path.write_text("[key]\nburst = 2\n")
    files = WatchedFiles([path], lambda: read_limits(path), now=seconds)
    counted = CallerLimits(files.get, now=Seconds())

    assert asked(counted, Caller("a", "org_1"), 9) == 2
    path.write_text("[key]\nburst = 30\n")
    seconds.now += LOOKED_AT_EVERY
    assert asked(counted, Caller("b", "org_1"), 9) == 9
    path.write_text("[key\n")
    seconds.now += LOOKED_AT_EVERY
    assert asked(counted, Caller("c", "org_1"), 9) == 9
    assert files.why_unreadable


def test_who_asks_nothing_is_forgotten() -> None:
    """Ever new keys leave nothing behind once they could ask everything again."""
    seconds = Seconds()
    counted = limits(seconds, organization={"requests_per_second": 1e6, "burst": 10**6})

    for number in range(25_000):
        seconds.now += 0.01
        counted.take(Caller(f"key_{number}", "org_1"))

    assert len(counted._full_at) < 10_100


SERVICE = "test.Feed"


class Feed:
    """One method that answers, and one that goes on."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def get(self, request: StringValue, _: Any) -> StringValue:
        return request

    async def follow(self, request: StringValue, _: Any) -> AsyncIterator[StringValue]:
        yield request
        await self.may_end.wait()


@pytest.fixture
async def feed() -> Feed:
    return Feed()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def channel(
    tmp_path: Path, feed: Feed, registry: CollectorRegistry
) -> AsyncIterator[grpc.aio.Channel]:
    """A server at which a key may ask three times at once and follow once; called by `ann`."""
    keys = Keys(tmp_path / "keys")
    settings = ServiceSettings(**keys.settings("campaign-api"))
    identity = Identity.of_server(settings, service="campaign-api", sandbox=False, calls=True)
    one = {"requests_per_second": 0.001, "burst": 3, "streams": 1}
    table: LimitTable = limit_table({"key": one})
    interceptor = standard_interceptor(
        registry, authenticator=identity.authenticator, limits=CallerLimits(lambda: table)
    )
    server = GrpcServer(interceptors=[interceptor])
    code: Any = {
        "request_deserializer": StringValue.FromString,
        "response_serializer": StringValue.SerializeToString,
    }
    handlers = {
        "Get": grpc.unary_unary_rpc_method_handler(feed.get, **code),
        "Follow": grpc.unary_stream_rpc_method_handler(feed.follow, **code),
    }
    handler = grpc.method_handlers_generic_handler(SERVICE, handlers)
    server._server.add_generic_rpc_handlers((handler,))
    token = keys.token(sub="ann", org="org_1", permissions=["p"])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(server)
        yield await stack.enter_async_context(
            grpc.aio.insecure_channel(
                server.address, interceptors=[_As(f"Bearer {token}"), _Streaming(f"Bearer {token}")]
            )
        )
        feed.may_end.set()


class _As(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    def __init__(self, said: str) -> None:
        self.said = said

    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return await continuation(_with(details, self.said), request)


class _Streaming(grpc.aio.UnaryStreamClientInterceptor):  # type: ignore[misc]
    def __init__(self, said: str) -> None:
        self.said = said

    async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        return await continuation(_with(details, self.said), request)


def _with(details: Any, said: str) -> Any:
    metadata = grpc.aio.Metadata(*(details.metadata or ()), ("authorization", said))
    return details._replace(metadata=metadata)


def get(channel: grpc.aio.Channel) -> Any:
    return channel.unary_unary(f"/{SERVICE}/Get")(b"")


async def test_every_answer_says_what_is_left(
    channel: grpc.aio.Channel, registry: CollectorRegistry
) -> None:
    """Allowed or refused, a caller reads the limit, what remains and when it is whole again."""
    told = []
    for _ in range(3):
        answered = get(channel)
        await answered
        told.append(dict(await answered.trailing_metadata())["ratelimit-remaining"])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await get(channel)

    assert told == ["2", "1", "0"]
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    trailers = dict(refused.value.trailing_metadata())
    assert b"QuotaFailure" in trailers["grpc-status-details-bin"]
    assert b"RetryInfo" in trailers["grpc-status-details-bin"]
    assert b"RATE_LIMITED" in trailers["grpc-status-details-bin"]
    assert registry.get_sample_value("rpc_server_limited_total", {"limit": "requests"}) == 1


async def test_streams_are_counted_while_they_are_open(
    channel: grpc.aio.Channel, feed: Feed, registry: CollectorRegistry
) -> None:
    """A second one is refused until the first has ended, however that ends."""
    follow = channel.unary_stream(f"/{SERVICE}/Follow")
    first = follow(b"")
    await anext(aiter(first))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await anext(aiter(follow(b"")))
    told = dict(await first.initial_metadata())
    feed.may_end.set()
    assert [answer async for answer in first] == []
    third = follow(b"")

    assert await anext(aiter(third)) == b""
    assert told["ratelimit-limit"] == "3"
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (
        b"At most 1 streams" in dict(refused.value.trailing_metadata())["grpc-status-details-bin"]
    )
    assert registry.get_sample_value("rpc_server_limited_total", {"limit": "streams"}) == 1


def test_who_is_not_known_keeps_nobody_out() -> None:
    """What anybody may use (`CreateToken`) has no limit that all who sign in would share."""
    assert asked(limits(Seconds()), Caller(""), 10_000) == 10_000
