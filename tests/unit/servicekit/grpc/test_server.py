"""servicekit.grpc.server, grpc_client and interceptors: a real server, a real channel."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys
from google.protobuf import descriptor_pb2
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from outreach.campaign.v1 import linkedin_event_service_pb2
from outreach.common.v1 import permission_pb2
from outreach.webhook.v1 import webhook_service_pb2
from prometheus_client import CollectorRegistry
from servicekit import auth, errors
from servicekit.errors import (
    BadInput,
    DeadlineExceeded,
    FieldViolation,
    Internal,
    NotYet,
    Unavailable,
)
from servicekit.grpc import client as grpc_client
from servicekit.grpc import interceptors, layers
from servicekit.grpc.calls import Call
from servicekit.grpc.deadlines import PromiseOf
from servicekit.grpc.permissions import Access, PermissionUndeclared, declared_in
from servicekit.grpc.server import GrpcServer
from servicekit.grpc.status import from_rpc_error
from servicekit.health import Readiness
from servicekit.identity.authenticator import Authenticator
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

SERVICE = "test.EchoService"
KINDS = ["UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream"]


class Echo:
    """Answers what it is told; told the name of a failure, it fails that way."""

    def __init__(self) -> None:
        self.failures: dict[str, BaseException] = {}
        self.callers: list[auth.Caller] = []
        self.metadata: list[dict[str, Any]] = []
        self.deadlines: list[float | None] = []
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()

    def _answer(self, request: StringValue, context: Any) -> StringValue:
        self.metadata.append(dict(context.invocation_metadata()))
        self.deadlines.append(context.time_remaining())
        if request.value in self.failures:
            raise self.failures[request.value]
        return request

    async def unary_unary(self, request: StringValue, context: Any) -> StringValue:
        if request.value == "who":
            self.callers.append(auth.current_caller())
        if request.value == "slow":
            self.began.set()
            await self.may_end.wait()
        return self._answer(request, context)

    async def unary_stream(self, request: StringValue, context: Any) -> AsyncIterator[StringValue]:
        yield request
        yield self._answer(request, context)

    async def stream_unary(self, requests: AsyncIterator[Any], context: Any) -> StringValue:
        return [self._answer(request, context) async for request in requests][-1]

    async def stream_stream(
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[StringValue]:
        async for request in requests:
            yield self._answer(request, context)


def register(servicer: Echo, server: Any) -> None:
    """What generated code does."""
    code: Any = {
        "request_deserializer": StringValue.FromString,
        "response_serializer": StringValue.SerializeToString,
    }
    handlers: dict[str, Any] = {
        "UnaryUnary": grpc.unary_unary_rpc_method_handler(servicer.unary_unary, **code),
        "UnaryStream": grpc.unary_stream_rpc_method_handler(servicer.unary_stream, **code),
        "StreamUnary": grpc.stream_unary_rpc_method_handler(servicer.stream_unary, **code),
        "StreamStream": grpc.stream_stream_rpc_method_handler(servicer.stream_stream, **code),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_registered_method_handlers(SERVICE, handlers)


async def call(
    channel: grpc.aio.Channel,
    kind: str,
    value: str,
    serialize: Callable[[StringValue], bytes] = StringValue.SerializeToString,
    *,
    within: float | None = None,
) -> list[str]:
    """Call the method of one kind and return every answer."""
    code: Any = {
        "request_serializer": serialize,
        "response_deserializer": StringValue.FromString,
    }
    path = f"/{SERVICE}/{kind}"
    request = StringValue(value=value)

    async def requests() -> AsyncIterator[StringValue]:
        yield request

    match kind:
        case "UnaryUnary":
            return [(await channel.unary_unary(path, **code)(request, timeout=within)).value]
        case "StreamUnary":
            return [(await channel.stream_unary(path, **code)(requests())).value]
        case "UnaryStream":
            return [each.value async for each in channel.unary_stream(path, **code)(request)]
        case _:
            return [each.value async for each in channel.stream_stream(path, **code)(requests())]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def echo() -> Echo:
    return Echo()


Serve = Callable[..., AbstractAsyncContextManager[grpc.aio.Channel]]


@pytest.fixture
def serve(echo: Echo, registry: CollectorRegistry) -> Serve:
    """Serves the echo while the block runs; yields a channel to it."""

    @asynccontextmanager
    async def serving(
        *,
        token: Callable[[], str] | None = None,
        readiness: Readiness | None = None,
        promise_of: PromiseOf | None = None,
        **options: Any,
    ) -> AsyncIterator[grpc.aio.Channel]:
        interceptor = interceptors.standard_interceptor(registry, promise_of=promise_of, **options)
        server = GrpcServer(interceptors=[interceptor], readiness=readiness)
        server.add(register, echo)
        async with (
            server,
            grpc_client.channel(server.address, token=token, promise_of=promise_of) as channel,
        ):
            yield channel

    return serving


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_call_goes_through(serve: Serve, kind: str) -> None:
    """Interceptors on both sides leave all four kinds of rpc as they are."""
    async with serve() as channel:
        assert set(await call(channel, kind, "hello")) == {"hello"}


@pytest.mark.parametrize("kind", KINDS)
async def test_errors_of_the_tree_cross_the_wire(serve: Serve, echo: Echo, kind: str) -> None:
    """What the servicer raises is raised by the call, with all it carries."""
    echo.failures["wait"] = NotYet(retry_after=timedelta(seconds=7), metadata={"cap": "day"})
    echo.failures["bad"] = BadInput([FieldViolation("value", "is bad")])

    async with serve() as channel:
        with pytest.raises(NotYet) as waits:
            await call(channel, kind, "wait")
        with pytest.raises(errors.InvalidArgument) as refused:
            await call(channel, kind, "bad")

    assert waits.value.retry_after == timedelta(seconds=7)
    assert waits.value.metadata == {"cap": "day"}
    assert refused.value.violations == (FieldViolation("value", "is bad"),)


@pytest.mark.parametrize("kind", KINDS)
async def test_bugs_are_internal_and_their_message_withheld(
    serve: Serve, echo: Echo, kind: str, registry: CollectorRegistry
) -> None:
    """A caller learns that it was our fault, and nothing else."""
    echo.failures["bug"] = KeyError("hunter2")

    async with serve() as channel:
        with pytest.raises(Internal) as failed:
            await call(channel, kind, "bug")

    assert failed.value.reason == "INTERNAL"
    assert "hunter2" not in str(failed.value)
    labels = {"method": f"{SERVICE}/{kind}", "code": "INTERNAL"}
    assert registry.get_sample_value("rpc_server_handled_total", labels) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_requests_are_checked_before_they_are_served(serve: Serve, kind: str) -> None:
    """A NUL in a text is refused by its path, in every kind of call, streams too."""
    async with serve() as channel:
        with pytest.raises(errors.InvalidArgument) as refused:
            await call(channel, kind, "a\x00")

    assert refused.value.reason == "INVALID_FIELDS"
    assert [each.field for each in refused.value.violations] == ["value"]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_read_is_refused(
    serve: Serve, kind: str, registry: CollectorRegistry
) -> None:
    """Half a character is the caller's mistake, told by its path and counted as that."""
    async with serve() as channel:
        with pytest.raises(errors.InvalidArgument) as refused:
            await call(channel, kind, "half", serialize=lambda _: b"\x0a\x03\xed\xa0\x80")

    assert [each.field for each in refused.value.violations] == ["value"]
    labels = {"method": f"{SERVICE}/{kind}", "code": "INVALID_ARGUMENT"}
    assert registry.get_sample_value("rpc_server_handled_total", labels) == 1


async def test_a_long_refusal_is_a_refusal(serve: Serve, echo: Echo) -> None:
    """A text of 100 KB told back came as RESOURCE_EXHAUSTED, which callers take for "wait"."""
    long = "Far/Away" * 12_500
    echo.failures["long"] = BadInput([FieldViolation("time_zone", f"{long} is no time zone")])

    async with serve() as channel:
        with pytest.raises(errors.InvalidArgument) as refused:
            await call(channel, "UnaryUnary", "long")

    assert [each.field for each in refused.value.violations] == ["time_zone"]


async def test_lost_connections_are_unavailable(serve: Serve, echo: Echo) -> None:
    """What failed because something else is away says so, and may be retried."""
    echo.failures["lost"] = ConnectionRefusedError()

    async with serve() as channel:
        with pytest.raises(Unavailable) as failed:
            await call(channel, "UnaryUnary", "lost")

    assert failed.value.metadata == {"dependency": "network"}


async def test_libraries_errors_are_translated(serve: Serve, echo: Echo) -> None:
    """A service says which of its libraries' errors stand for which of ours."""

    class AwayError(Exception):
        pass

    echo.failures["away"] = AwayError()

    def translator(error: BaseException) -> errors.ServiceError | None:
        return errors.NotFound("away") if isinstance(error, AwayError) else None

    async with serve(translators=[translator]) as channel:
        with pytest.raises(errors.NotFound, match="away"):
            await call(channel, "UnaryUnary", "away")


async def test_calls_are_counted_and_timed(serve: Serve, registry: CollectorRegistry) -> None:
    """Per method: how many ended how, and how long they took."""
    async with serve() as channel:
        await call(channel, "UnaryUnary", "hello")

    method = {"method": f"{SERVICE}/UnaryUnary"}
    assert registry.get_sample_value("rpc_server_handled_total", {**method, "code": "OK"}) == 1
    assert registry.get_sample_value("rpc_server_duration_seconds_count", method) == 1


async def test_unknown_methods_are_not_counted(serve: Serve, registry: CollectorRegistry) -> None:
    """A caller cannot make up labels."""
    async with serve() as channel:
        with pytest.raises(Internal) as failed:
            await _made_up(channel)(b"")

    assert failed.value.reason == "UNIMPLEMENTED"
    assert (
        registry.get_sample_value("rpc_server_duration_seconds_count", {"method": "made.Up/Method"})
        is None
    )


async def test_calls_have_a_deadline_and_streams_have_none(serve: Serve, echo: Echo) -> None:
    """Nobody waits for ever by omission; a watch goes on as long as it likes."""
    async with serve() as channel:
        await call(channel, "UnaryUnary", "a")
        await call(channel, "UnaryStream", "a")

    limited, unlimited = echo.deadlines
    assert limited is not None
    assert 20 < limited < 31
    assert unlimited is None or unlimited > 10_000


async def test_a_call_waits_as_long_as_it_was_promised(serve: Serve, echo: Echo) -> None:
    """The contract's word outweighs a shorter limit of the caller's."""
    async with serve(promise_of=lambda _: timedelta(seconds=90)) as channel:
        await call(channel, "UnaryUnary", "a")

    (limit,) = echo.deadlines
    assert limit is not None
    assert 90 < limit < 93


async def test_a_server_keeps_its_promise(serve: Serve) -> None:
    """What lasts longer is ended, and told as what it is: no answer in time, not an outage."""
    async with serve(promise_of=lambda _: timedelta(seconds=0.05)) as channel:
        with pytest.raises(DeadlineExceeded) as told:
            await call(channel, "UnaryUnary", "slow")

    assert told.value.reason == "DEADLINE_EXCEEDED"


async def test_a_server_that_does_not_answer_is_not_away(serve: Serve) -> None:
    """Who is there and says nothing is slow; only where there is nobody it is an outage."""
    async with serve() as channel:
        await call(channel, "UnaryUnary", "a")
        with pytest.raises(DeadlineExceeded):
            await call(channel, "UnaryUnary", "slow", within=0.2)


@pytest.mark.parametrize(
    ("within", "code"), [(0.6, "DEADLINE_EXCEEDED"), (0.05, "CANCELLED"), (None, "CANCELLED")]
)
async def test_who_was_kept_waiting_is_counted_apart_from_who_left(
    serve: Serve, echo: Echo, registry: CollectorRegistry, within: float | None, code: str
) -> None:
    """A caller whose deadline is over was failed; who leaves, or gave no time, was not.

    All of them were CANCELLED: a server that answered nobody had no failures.
    """
    async with serve() as channel:
        calling = asyncio.create_task(call(channel, "UnaryUnary", "slow", within=within))
        await echo.began.wait()
        if within is None:
            calling.cancel()
        with pytest.raises((DeadlineExceeded, asyncio.CancelledError)):
            await calling

    method = {"method": f"{SERVICE}/UnaryUnary"}
    assert registry.get_sample_value("rpc_server_handled_total", {**method, "code": code}) == 1


class Deadline:
    """A context of which somebody asks how much time is left."""

    def __init__(self, left: float | None) -> None:
        self._left = left

    def time_remaining(self) -> float | None:
        return self._left


@pytest.mark.parametrize(
    ("left", "converses", "patience", "code"),
    [
        (0.0, False, 0, grpc.StatusCode.DEADLINE_EXCEEDED),
        (0.05, False, 0, grpc.StatusCode.DEADLINE_EXCEEDED),
        (0.0, False, 60, grpc.StatusCode.CANCELLED),
        (0.0, True, 0, grpc.StatusCode.CANCELLED),
        (2.0, False, 0, grpc.StatusCode.CANCELLED),
        (None, False, 0, grpc.StatusCode.CANCELLED),
    ],
    ids=["over", "over-on-the-way", "gave-no-time", "watched", "left", "without-deadline"],
)
async def test_why_a_caller_is_gone(
    *, left: float | None, converses: bool, patience: int, code: grpc.StatusCode
) -> None:
    """By their deadline, the kind of the call and how long they had waited."""
    gone: Any = Deadline(left)
    ended = Call("/thing.Service/Get", gone, {}, converses=converses)

    with pytest.raises(asyncio.CancelledError):
        async with layers.translated([], patience=timedelta(seconds=patience))(ended):
            raise asyncio.CancelledError

    assert ended.code is code


async def test_no_server_is_unavailable() -> None:
    """A call to nobody ends with its deadline, as an error of the tree."""
    short = timedelta(milliseconds=50)
    async with grpc_client.channel("127.0.0.1:1", timeout=short) as channel:
        with pytest.raises(Unavailable):
            await call(channel, "UnaryUnary", "a")


async def test_health_says_what_readiness_says(serve: Serve) -> None:
    """For the server and for each of its services."""
    away = False

    async def check() -> None:
        if away:
            raise ConnectionError("gone")

    readiness = Readiness(fresh_for=timedelta(0))
    readiness.add("thing", check)

    async with asyncio.timeout(10), serve(readiness=readiness) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        told = [
            (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status
            for name in ("", SERVICE)
        ]
        watch = stub.Watch(health_pb2.HealthCheckRequest(service=SERVICE))
        first = await watch.read()
        away = True
        second = await watch.read()
        watch.cancel()

    serving = health_pb2.HealthCheckResponse.SERVING
    assert told == [serving, serving]
    assert (first.status, second.status) == (serving, health_pb2.HealthCheckResponse.NOT_SERVING)


async def test_health_lists_all_services(serve: Serve) -> None:
    """Whoever asks for all is told all, and of one that there is not, that it is not there."""
    async with serve(readiness=Readiness()) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        listed = (await stub.List(health_pb2.HealthListRequest())).statuses
        with pytest.raises(errors.NotFound) as refused:
            await stub.Check(health_pb2.HealthCheckRequest(service="nobody.Knows"))

    serving = health_pb2.HealthCheckResponse.SERVING
    assert {name: listed[name].status for name in listed} == {"": serving, SERVICE: serving}
    assert refused.value.reason == "NOT_FOUND"


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_lists_the_services(serve: Serve, version: str) -> None:
    """Tools of either version find out what there is to call, without credentials."""
    ask_for = reflection_pb2.ServerReflectionRequest(list_services="").SerializeToString

    async def ask() -> AsyncIterator[bytes]:
        yield ask_for()

    async with serve(authenticator=authenticator) as channel:
        path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
        (raw,) = [answer async for answer in channel.stream_stream(path)(ask())]

    answer = reflection_pb2.ServerReflectionResponse.FromString(raw)
    names = {service.name for service in answer.list_services_response.service}
    assert names == {
        SERVICE,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }


@pytest.mark.parametrize(
    "detail", ["ErrorInfo", "BadRequest", "RetryInfo", "QuotaFailure", "Status"]
)
async def test_reflection_resolves_what_errors_carry(serve: Serve, detail: str) -> None:
    """A tool that shows a refusal asks what its details are: they stand in no service's file."""
    symbol = f"google.rpc.{detail}"
    asked = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)

    async def ask() -> AsyncIterator[bytes]:
        yield asked.SerializeToString()

    async with serve() as channel:
        path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        (raw,) = [answer async for answer in channel.stream_stream(path)(ask())]

    answer = reflection_pb2.ServerReflectionResponse.FromString(raw)
    files = answer.file_descriptor_response.file_descriptor_proto
    found = [descriptor_pb2.FileDescriptorProto.FromString(file) for file in files]
    assert detail in {message.name for file in found for message in file.message_type}


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_another_tool_calls_by_reflection_alone(version: str) -> None:
    """buf, which knows nothing of these contracts, asks health by what reflection tells it."""
    async with GrpcServer() as server:
        asking = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("buf")),
            *("curl", "--protocol", "grpc", "--http2-prior-knowledge", "-d", "{}"),
            *("--reflect-protocol", f"grpc-{version}"),
            f"http://{server.address}/grpc.health.v1.Health/Check",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, complaint = await asking.communicate()

    assert (asking.returncode, complaint) == (0, b"")
    assert json.loads(told) == {"status": "SERVING"}


async def test_a_stream_without_a_deadline_ends() -> None:
    """Who follows for ever, and sets no deadline, is ended when streams end; who set one is not."""
    layer = layers.in_time(lambda _: None, streams=timedelta(milliseconds=50))
    interceptor = interceptors.LayeredInterceptor([layers.translated(()), layer])
    server = GrpcServer(interceptors=[interceptor])
    server.add(register, Follow())
    path = f"/{SERVICE}/UnaryStream"
    async with server, grpc.aio.insecure_channel(server.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await _all(channel.unary_stream(path)(b""))
        with pytest.raises(grpc.aio.AioRpcError) as ended_by_caller:
            await _all(channel.unary_stream(path)(b"", timeout=0.3))

    assert ended.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert b"DEADLINE_EXCEEDED" in dict(ended.value.trailing_metadata())["grpc-status-details-bin"]
    assert ended_by_caller.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert not dict(ended_by_caller.value.trailing_metadata())


class Follow(Echo):
    """Its stream goes on for ever."""

    async def unary_stream(self, request: StringValue, _: Any) -> AsyncIterator[StringValue]:
        yield request
        await self.may_end.wait()


async def _all(answers: Any) -> list[Any]:
    return [answer async for answer in answers]


async def test_a_message_is_as_large_as_it_may_be(echo: Echo) -> None:
    """What is larger than the server takes never reaches a servicer; what is not, does."""
    server = GrpcServer(max_message_bytes=64 * 1024)
    server.add(register, echo)
    async with server, grpc.aio.insecure_channel(server.address) as channel:
        fits = await call(channel, "UnaryUnary", "a" * 60_000)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(channel, "UnaryUnary", "a" * 70_000)

    assert len(fits[0]) == 60_000
    # gRPC's own word for it, which our callers once took for "wait" and repeated for ever.
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    told = from_rpc_error(refused.value)
    assert isinstance(told, errors.Internal)
    assert not isinstance(told, errors.NotYet)
    assert told.reason == "MESSAGE_TOO_LARGE"
    assert len(echo.metadata) == 1


async def test_calls_in_flight_end_when_the_server_stops(echo: Echo) -> None:
    """Stopping takes no new calls and lets those under way answer."""
    server = GrpcServer()
    server.add(register, echo)
    async with server:
        channel = grpc_client.channel(server.address)
        calling = asyncio.create_task(call(channel, "UnaryUnary", "slow"))
        await echo.began.wait()
        asyncio.get_running_loop().call_later(0.05, echo.may_end.set)

    assert await calling == ["slow"]
    await channel.close()


def _made_up(channel: grpc.aio.Channel) -> Any:
    return channel.unary_unary("/made.Up/Method")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


@pytest.fixture
def authenticator(keys: Keys) -> Authenticator:
    settings = ServiceSettings(**keys.settings("campaign-api"))
    identity = Identity.of_server(settings, service="campaign-api", sandbox=False, calls=True)
    return identity.authenticator


def _access(method: str) -> Access | None:
    if "Stream" in method:
        return Access("things.stream", frozenset({"outreach-worker"}), services_only=True)
    return Access("things.read", frozenset({"linkedin-gateway"}))


async def test_callers_are_known_by_their_token(
    serve: Serve, echo: Echo, keys: Keys, authenticator: Authenticator
) -> None:
    """The servicer sees who calls, for whom, and what they may."""
    token = keys.token(sub="ann", org="org_1", permissions=["p"])

    async with serve(authenticator=authenticator, token=lambda: token) as channel:
        await call(channel, "UnaryUnary", "who")

    assert echo.callers == [auth.Caller("ann", "org_1", frozenset({"p"}))]


async def test_what_is_wrong_is_refused_before_it_is_claimed(
    serve: Serve, echo: Echo, keys: Keys, authenticator: Authenticator
) -> None:
    """What answers requests once writes what they say: a text that no database stores was INTERNAL.

    What has an answer already is checked too, and comes to no servicer.
    """
    claimed: list[Any] = []

    @asynccontextmanager
    async def once(call: Call) -> AsyncIterator[None]:
        claimed.append(call.request)
        call.answer = StringValue(value="answered before")
        yield

    token = keys.token(sub="ann", org="org_1")
    async with serve(authenticator=authenticator, token=lambda: token, once=once) as channel:
        with pytest.raises(errors.InvalidArgument):
            await call(channel, "UnaryUnary", "lead_\x00")
        told = await call(channel, "UnaryUnary", "lead_1")

    assert (told, claimed) == (["answered before"], [StringValue(value="lead_1")])
    assert echo.metadata == []


@pytest.mark.parametrize("kind", KINDS)
async def test_calls_without_a_token_are_refused(
    serve: Serve, kind: str, authenticator: Authenticator
) -> None:
    """No token, no service; probes are served all the same."""
    async with serve(authenticator=authenticator) as channel:
        with pytest.raises(errors.Unauthenticated) as refused:
            await call(channel, kind, "hello")
        stub: Any = health_pb2_grpc.HealthStub(channel)
        assert (await stub.Check(health_pb2.HealthCheckRequest())).status

    assert refused.value.reason == "TOKEN_INVALID"


async def test_methods_need_their_permission(
    serve: Serve, keys: Keys, authenticator: Authenticator
) -> None:
    """A caller without the permission is told which one is missing."""
    token = keys.token(org="org_1", permissions=["things.read"])

    async with serve(
        authenticator=authenticator, access_of=_access, token=lambda: token
    ) as channel:
        assert await call(channel, "UnaryUnary", "hello") == ["hello"]
        with pytest.raises(errors.PermissionDenied) as refused:
            await call(channel, "UnaryStream", "hello")

    assert refused.value.reason == "PERMISSION_MISSING"
    assert refused.value.metadata == {"permission": "things.stream"}


@pytest.mark.parametrize("claims", [{"operator": True}, {"org": "org_1"}], ids=str)
async def test_what_is_for_services_is_for_nobody_else(
    serve: Serve, keys: Keys, authenticator: Authenticator, claims: dict[str, Any]
) -> None:
    """Whatever permission a token carries."""
    token = keys.token(permissions=["things.stream", "*"], **claims)

    async with serve(
        authenticator=authenticator, access_of=_access, token=lambda: token
    ) as channel:
        with pytest.raises(errors.PermissionDenied):
            await call(channel, "UnaryStream", "hello")


async def test_who_acts_for_nobody_is_refused_before_anything_is_looked_at(
    serve: Serve, keys: Keys, authenticator: Authenticator, echo: Echo
) -> None:
    """A token with a permission and without an organization once did everything with it."""
    token = keys.token(permissions=["things.read"])

    async with serve(
        authenticator=authenticator, access_of=_access, token=lambda: token
    ) as channel:
        with pytest.raises(errors.PermissionDenied) as refused:
            await call(channel, "UnaryUnary", "hello")

    assert refused.value.reason == "PERMISSION_DENIED"
    assert echo.metadata == []


async def test_a_method_without_a_permission_is_not_served(
    serve: Serve, authenticator: Authenticator
) -> None:
    """A server that would be open by oversight does not start."""
    with pytest.raises(PermissionUndeclared, match="Stream"):
        async with serve(
            authenticator=authenticator,
            access_of=lambda method: None if "Stream" in method else _access(method),
        ):
            pass


def test_access_is_that_of_the_contract() -> None:
    """What a method declares in the options is who may use it; others declare nothing."""
    access_of = declared_in(
        permission=permission_pb2.permission,
        services=permission_pb2.services,
        services_only=permission_pb2.services_only,
        anyone=permission_pb2.anyone,
        by_account=permission_pb2.by_account,
        also_permission=permission_pb2.also_permission,
    )

    dispatcher = webhook_service_pb2.DESCRIPTOR.services_by_name["WebhookService"].full_name
    events = linkedin_event_service_pb2.DESCRIPTOR.services_by_name[
        "LinkedInEventService"
    ].full_name
    assert access_of(f"/{dispatcher}/GetEndpoint") == Access(
        "webhooks.read", frozenset({"campaign-api", "outreach-worker"})
    )
    assert access_of(f"/{events}/ReportLinkedInEvents") == Access(
        "linkedin_events.report", frozenset({"linkedin-gateway"}), services_only=True
    )
    assert access_of("/grpc.health.v1.Health/Check") is None
    assert access_of("/no.such.Service/Method") is None


async def test_our_own_services_use_what_names_them(
    serve: Serve, keys: Keys, authenticator: Authenticator
) -> None:
    """And nothing else: a service that is broken into does what it does on other days."""
    token = keys.service("outreach-worker", audience="campaign-api")

    async with serve(authenticator=authenticator, access_of=_access, token=token) as channel:
        assert await call(channel, "StreamStream", "hello") == ["hello"]
        with pytest.raises(errors.PermissionDenied) as refused:
            await call(channel, "UnaryUnary", "hello")

    assert refused.value.reason == "PERMISSION_MISSING"


async def test_the_trace_goes_along(
    serve: Serve, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call carries the caller's trace in its metadata; without one it carries nothing."""
    provider = TracerProvider(shutdown_on_exit=False)
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: provider)

    async with serve() as channel:
        with provider.get_tracer("t").start_as_current_span("outer") as span:
            await call(channel, "UnaryUnary", "a")

    trace_id = trace.format_trace_id(span.get_span_context().trace_id)
    assert echo.metadata[0]["traceparent"].split("-")[1] == trace_id
