"""Asking what nobody foresaw, and what must not come of it: INTERNAL, a hang, or a wrong "wait"."""

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from outreach.common.v1.deadline_pb2 import answers_within
from servicekit.errors import EtagMismatch
from servicekit.grpc import reflection
from servicekit.grpc.channels.first_status import FirstStatus
from servicekit.grpc.status import STATUS_METADATA_KEY, from_rpc_error
from servicekit.request_ids.errors import RequestUnderWay

from tests.fuzzing.requests import Fuzz
from tests.fuzzing.rules import refused_for
from tests.protos import services

LIMIT = 20.0
"""Seconds; what has not answered by then hangs, but for what is asked to wait."""
_AT_ONCE = 8
_WATCHED = 0.3
"""Seconds; how long a stream without an end is watched."""
_MOST_TOLD = 40
_FIGURES = Path("build/fuzz.jsonl")


def messages(default: int) -> int:
    """How many requests are made: few in the suite, many when asked for."""
    return int(os.environ.get("FUZZ_MESSAGES", default))


def seed() -> int:
    """What the requests are made from; the same ones come of the same seed."""
    return int(os.environ.get("FUZZ_SEED", "20260302"))


@dataclass
class Faults:
    """What must not have happened, and how all calls ended."""

    ended: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def add(self, what: str) -> None:
        if len(self.found) < _MOST_TOLD:
            self.found.append(what)

    def check(self, name: str) -> None:
        """Fail if there is one; when many requests were asked for, write the figures down."""
        figures = {"fuzz": name, "seed": seed(), "ended": self.ended, "faults": len(self.found)}
        if "FUZZ_MESSAGES" in os.environ:
            _FIGURES.parent.mkdir(exist_ok=True)
            with _FIGURES.open("a") as file:
                file.write(json.dumps(figures) + "\n")
        assert not self.found, "\n".join([json.dumps(figures), *self.found])


OURS = {
    "campaign-api": ("outreach.campaign.v1", "outreach.identity.v1", "outreach.automation.v1"),
    "gateway": ("outreach.linkedin.v1",),
    "dispatcher": ("outreach.webhook.v1",),
}
"""The packages that a server serves; a test asks each of them whatever its contract names."""
SHARED = ("outreach.audit.v1", "outreach.installation.v1")
"""Packages that every one of them serves."""


def methods_at(server: str) -> list[MethodDescriptor]:
    """All that can be asked of a server: its package, and what every server has."""
    standard = [
        method
        for file in (health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR, reflection.V1)
        for service in file.services_by_name.values()
        for method in service.methods
    ]
    return methods_of(*OURS[server], *SHARED) + standard


def methods_of(*names: str) -> list[MethodDescriptor]:
    """The methods of the services of these packages, or of these services."""
    found = [
        method
        for service in services()
        if service.full_name in names or service.file.package in names
        for method in service.methods
    ]
    assert found
    return found


async def fuzz(
    address: str,
    methods: Iterable[MethodDescriptor],
    values: Fuzz,
    *,
    count: int,
    on_wait: Callable[[], None] = lambda: None,
) -> Faults:
    """Call the methods, each once and all about as often, and tell what must not happen.

    The channel is as anybody's: with gRPC's own limits. `on_wait` is called when a caller is
    told to come again, so that time can pass.
    """
    faults = Faults()
    drawn = _drawn([*methods], values, count)
    async with grpc.aio.insecure_channel(address) as channel:

        async def call_some() -> None:
            for method, raw in drawn:
                code = await _call(channel, method, raw, values, faults)
                faults.ended[code] += 1
                if code == grpc.StatusCode.RESOURCE_EXHAUSTED.name:
                    on_wait()

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(call_some())
    return faults


_LARGEST = 16 * 1024 * 1024
ENDING = re.compile("Delete|Stop|Disconnect|Remove")
"""Methods that end things."""


def _drawn(
    methods: list[MethodDescriptor], values: Fuzz, count: int
) -> Iterator[tuple[MethodDescriptor, list[bytes]]]:
    # What ends things is asked for less often, so that there is something to ask about.
    weights = [0.1 if ENDING.match(method.name) else 1.0 for method in methods]
    chosen = values.dice.choices(methods, weights, k=count - len(methods))
    for method in (*chosen, *methods):
        pieces = values.dice.choice((0, 1, 2, 3)) if method.client_streaming else 1
        yield method, [values.request(method) for _ in range(pieces)]


def limit_of(method: MethodDescriptor) -> float:
    """By when a call must have been answered: who asks for a wait has it, as the contract says."""
    if "within" not in method.input_type.fields_by_name:
        return LIMIT
    return float(method.GetOptions().Extensions[answers_within].seconds)


async def _call(
    channel: grpc.aio.Channel,
    method: MethodDescriptor,
    raw: list[bytes],
    values: Fuzz,
    faults: Faults,
) -> str:
    """Returns how it ended."""
    code = "OK"
    try:
        async with asyncio.timeout(limit_of(method)):
            answers = await ask(channel, method, raw)
        for answer in answers:
            values.learn(answer)
        faults.found += _served_though_broken(method, raw)
        if raw:
            # A stream that is slow to refuse what cannot be read has not refused it yet.
            with suppress(DecodeError):
                values.keep(GetMessageClass(method.input_type).FromString(raw[0]))
    except TimeoutError:
        code = "HANG"
        faults.add(_told(method, raw, "hangs"))
    except grpc.aio.AioRpcError as error:
        code = error.code().name
        if _too_large(raw, error):
            code = "TOO_LARGE"
        elif not _refused(error):
            faults.add(_told(method, raw, f"{code}: {error.details()}"))
    return code


async def ask(
    channel: grpc.aio.Channel,
    method: MethodDescriptor,
    raw: list[bytes],
    *,
    metadata: tuple[tuple[str, str], ...] = (),
    watched: float = _WATCHED,
) -> list[Any]:
    """Call a method with what is on the wire; a stream without an end is watched for a moment."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    read = GetMessageClass(method.output_type).FromString
    kind = f"{_KINDS[method.client_streaming]}_{_KINDS[method.server_streaming]}"
    call = getattr(channel, kind)(path, request_serializer=bytes, response_deserializer=read)

    async def pieces() -> AsyncIterator[bytes]:
        for each in raw:
            yield each

    calling = call(pieces() if method.client_streaming else raw[0], metadata=metadata)
    first = FirstStatus(calling)
    try:
        return await _watched(calling, watched) if method.server_streaming else [await calling]
    except grpc.aio.AioRpcError as error:
        raise first.of(error) from error


_KINDS = {False: "unary", True: "stream"}


async def _watched(calling: Any, watched: float) -> list[Any]:
    answers = []
    try:
        async with asyncio.timeout(watched):
            async for answer in calling:
                answers.append(answer)  # noqa: PERF401 - what came before the time was over
    except TimeoutError:
        calling.cancel()
    return answers


def _served_though_broken(method: MethodDescriptor, raw: list[bytes]) -> Iterator[str]:
    """Rules that a request breaks which was answered, where it is one and can be read."""
    streams = method.client_streaming or method.server_streaming
    if not streams and method.full_name.startswith("outreach."):
        request = GetMessageClass(method.input_type).FromString(raw[0])
        if paths := refused_for(request):
            yield _told(method, raw, f"is served although rules are broken: {sorted(paths)}")


_REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
}


def _refused(error: grpc.aio.AioRpcError) -> bool:
    """Whether a caller is told what is wrong, or, of what is in order, when it may go."""
    details = [detail for detail in status_of(error).details if detail]
    if not any(each.Is(error_details_pb2.ErrorInfo.DESCRIPTOR) for each in details):
        return False
    waits = any(each.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for each in details)
    if error.code() is grpc.StatusCode.ABORTED:
        return isinstance(from_rpc_error(error), EtagMismatch)
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        # Two of these calls may have had one request id at the same time.
        return waits and from_rpc_error(error).reason == RequestUnderWay.reason
    return error.code() in _REFUSALS or (
        error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and waits
    )


def status_of(error: grpc.aio.AioRpcError) -> Any:
    """What a refusal says beside its code."""
    for key, value in error.trailing_metadata() or ():
        if key == STATUS_METADATA_KEY and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return status_pb2.Status()


def _too_large(raw: list[bytes], error: grpc.aio.AioRpcError) -> bool:
    """Whether gRPC itself refused a message of more than 16 MiB, which it does without details."""
    return (
        error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        and max(map(len, raw), default=0) > _LARGEST
    )


def _told(method: MethodDescriptor, raw: list[bytes], what: str) -> str:
    return f"{method.full_name} {what}\n    {[each[:600] for each in raw]!r:.1500}"


async def fuzz_http(
    post: Callable[[bytes], Awaitable[int]], bodies: Iterable[bytes], allowed: Iterable[int]
) -> Faults:
    """Post the bodies, and tell which were answered otherwise than with what is allowed."""
    faults = Faults()
    expected = {*allowed}
    for body in bodies:
        try:
            async with asyncio.timeout(LIMIT):
                status = await post(body)
        except TimeoutError:
            status = 0
        if status not in expected:
            faults.add(f"{status or 'hangs'}: {body[:600]!r}")
        faults.ended[str(status)] += 1
    return faults
