"""Requests that nobody foresaw: made by a seed from the contract's descriptors, sent as bytes.

A request is mostly plausible, so that it gets far: ids that exist, tokens that were answered
before. Then something in it is not: a NUL, half a character, a number out of range, a text of
100 KB, JSON in JSON with all of these, or bytes that are no message at all.
"""

import asyncio
import base64
import json
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2
from servicekit.errors import STATUS_METADATA_KEY

from tests.protos import services

LIMIT = 20.0
"""Seconds; what has not answered by then hangs."""
_AT_ONCE = 8
_DEEPEST = 5
_WATCHED = 0.3
"""Seconds; how long a stream without an end is watched."""
_MOST_KEPT = 40

HALF = "\ue000"
"""Stands for half a character, which Python does not put into a message."""
_HALF_BYTES = b"\xed\xa0\x80"
NOISE = random.Random(1).randbytes(30_000).hex()
"""A text that nothing makes shorter: too long for a key, whatever compresses it."""
LONG = "Far/Away " * 12_000


def messages(default: int) -> int:
    """How many requests are made: few in the suite, many when asked for."""
    return int(os.environ.get("FUZZ_MESSAGES", default))


def seed() -> int:
    """What the requests are made from; the same ones come of the same seed."""
    return int(os.environ.get("FUZZ_SEED", "20260302"))


@dataclass
class Fuzz:
    """Makes values. `known` are texts by the name of the field that they fit into."""

    dice: random.Random
    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def chance(self, of: float) -> bool:
        return self.dice.random() < of

    def learn(self, message: Message) -> None:
        """Remember what a service answered, to ask for it."""
        for descriptor, value in message.ListFields():
            values = value if descriptor.is_repeated else [value]
            if descriptor.message_type is None:
                if descriptor.type == FieldDescriptor.TYPE_STRING:
                    kept = self.known[_noun(descriptor.name.removeprefix("next_"))]
                    kept += [each for each in values if each][:3]
                    del kept[:-_MOST_KEPT]
            elif not descriptor.message_type.GetOptions().map_entry:
                for each in values[:5] if descriptor.is_repeated else values:
                    self.learn(each)

    def request(self, method: MethodDescriptor) -> bytes:
        """A request for a method, on the wire."""
        made = GetMessageClass(method.input_type)()
        self.fill(made, 0, odd=self.dice.choice((0.0, 0.02, 0.1, 0.4)))
        raw: bytes = made.SerializeToString()
        raw = raw.replace(HALF.encode(), _HALF_BYTES)
        if self.chance(0.03):
            raw = self.mangled(raw)
        return raw

    def mangled(self, raw: bytes) -> bytes:
        """Bytes with some of them gone or changed."""
        if not raw or self.chance(0.2):
            return self.dice.randbytes(self.dice.randint(1, 60))
        cut = bytearray(raw[: self.dice.randint(1, len(raw))])
        for _ in range(self.dice.randint(0, 3)):
            cut[self.dice.randrange(len(cut))] = self.dice.randrange(256)
        return bytes(cut)

    def fill(self, message: Any, depth: int, *, odd: float) -> None:
        """Set fields of a message; `odd` is how often a value is out of the ordinary."""
        chosen = {
            oneof.name: self.dice.choice(oneof.fields).name
            for oneof in message.DESCRIPTOR.oneofs
            if oneof.fields
        }
        for descriptor in message.DESCRIPTOR.fields:
            oneof = descriptor.containing_oneof
            if oneof is not None and chosen[oneof.name] != descriptor.name:
                continue
            if depth > _DEEPEST or self.chance(0.15 if oneof is None else 0.05):
                continue
            self._set(message, descriptor, depth, odd=odd)

    def _set(self, message: Any, descriptor: FieldDescriptor, depth: int, *, odd: float) -> None:
        value = getattr(message, descriptor.name)
        if descriptor.is_repeated:
            count = self.dice.choice((0, 1, 1, 2, 3)) if not self.chance(odd / 10) else 300
            for _ in range(count):
                self._add(value, descriptor, depth, odd=odd)
        elif descriptor.message_type is not None:
            value.SetInParent()
            self._fill_one(value, depth, odd=odd)
        else:
            setattr(message, descriptor.name, self.scalar(descriptor, odd=odd))

    def _add(self, value: Any, descriptor: FieldDescriptor, depth: int, *, odd: float) -> None:
        made = descriptor.message_type
        if made is None:
            value.append(self.scalar(descriptor, odd=odd))
        elif made.GetOptions().map_entry:
            key = self.scalar(made.fields_by_name["key"], odd=odd)
            of = made.fields_by_name["value"]
            if of.message_type is None:
                value[key] = self.scalar(of, odd=odd)
            else:
                self._fill_one(value[key], depth, odd=odd)
        else:
            self._fill_one(value.add(), depth, odd=odd)

    def _fill_one(self, message: Any, depth: int, *, odd: float) -> None:
        match message.DESCRIPTOR.full_name:
            case "google.protobuf.Timestamp":
                near = 1_772_000_000 + self.dice.randint(-9, 9) * 86_400
                message.seconds = self.dice.choice(_SECONDS) if self.chance(odd) else near
                message.nanos = self.dice.choice(_NANOS) if self.chance(odd) else 0
            case "google.protobuf.Duration":
                near = self.dice.choice((0, 60, 86_400, 14 * 86_400))
                message.seconds = self.dice.choice(_SECONDS) if self.chance(odd) else near
                message.nanos = self.dice.choice(_NANOS) if self.chance(odd) else 0
            case _:
                self.fill(message, depth + 1, odd=odd)

    def scalar(self, of: FieldDescriptor, *, odd: float) -> Any:
        """A value of a field that is no message."""
        strange = self.chance(odd)
        if of.enum_type is not None:
            return self.dice.choice(
                (99, -1, 2**31 - 1) if strange else [*of.enum_type.values_by_number]
            )
        match of.cpp_type:
            case FieldDescriptor.CPPTYPE_BOOL:
                return self.chance(0.5)
            case FieldDescriptor.CPPTYPE_STRING if of.type == FieldDescriptor.TYPE_BYTES:
                return self.content(odd=odd)
            case FieldDescriptor.CPPTYPE_STRING:
                return self.text(of.name, odd=odd)
            case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
                return self.dice.choice(_REALS if strange else (0.0, 0.5, 1.0))
            case _:
                bits = 32 if "32" in _NAMES[of.type] else 64
                signed = not _NAMES[of.type].startswith(("U", "FIXED"))
                least = -(2 ** (bits - 1)) if signed else 0
                most = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
                far = (least, most, max(least, -1), 10**6)
                return self.dice.choice(far if strange else (0, 1, 2, 5, 10, 50))

    def text(self, name: str, *, odd: float) -> str:
        """A text for a field of this name."""
        known = self.known[_noun(name)]
        if self.chance(odd):
            text = self.dice.choice(ODD_TEXTS)
            return text if self.chance(0.5) or not known else self.dice.choice(known) + text
        if name == "page_token" and known and self.chance(0.5):
            return self.page_token(self.dice.choice(known))
        if name.endswith("_json"):
            return self.json(odd=odd)
        if known and self.chance(0.85):
            return self.dice.choice(known)
        return self.dice.choice(PLAIN_TEXTS)

    def page_token(self, token: str) -> str:
        """A token whose position is another."""
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        position = self.replaced(json.loads(raw), odd=0.3)
        return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")

    def json(self, *, odd: float) -> str:
        """A document for a field that holds JSON, some of its values replaced."""
        known = self.known["json"]
        if not known or self.chance(0.1):
            return self.dice.choice(ODD_JSON)
        document = json.loads(self.dice.choice(known))
        if self.chance(0.7):
            document = self.replaced(document, odd=max(odd, 0.03))
        return json.dumps(document)

    def replaced(self, value: Any, *, odd: float) -> Any:
        """JSON with some of its values, names and items replaced, doubled or left out."""
        if self.chance(odd):
            return self.dice.choice((*ODD_VALUES, self.dice.choice(ODD_TEXTS)))
        if isinstance(value, dict):
            return {
                (self.dice.choice(ODD_TEXTS) if self.chance(odd / 4) else name): self.replaced(
                    item, odd=odd
                )
                for name, item in value.items()
                if not self.chance(odd / 2)
            }
        if isinstance(value, list):
            items = [self.replaced(item, odd=odd) for item in value]
            return items * 2 if self.chance(odd / 2) else items
        return value

    def content(self, *, odd: float) -> bytes:
        """The bytes of a list or another file."""
        known = self.known["content"]
        raw = self.dice.choice(known).encode() if known and self.chance(0.8) else b"a,b\n1,2\n"
        if self.chance(odd):
            raw += self.dice.choice(ODD_TEXTS).replace(HALF, "").encode()
            raw = raw.replace(b",", self.dice.choice((b",", b";", b"\x00", b"\t", b'"', b"\xff")))
        return self.mangled(raw) if self.chance(odd) else raw


def _noun(name: str) -> str:
    """`account_ids` are texts that fit into `account_id`."""
    return name.removesuffix("s") if name.endswith(("_ids", "_tokens")) else name


_NAMES = {
    getattr(FieldDescriptor, name): name.removeprefix("TYPE_")
    for name in vars(FieldDescriptor)
    if name.startswith("TYPE_")
}
_SECONDS = (
    *(-(2**63), 2**63 - 1, -62_135_596_801, -62_135_596_800, 253_402_300_799, 253_402_300_800),
    *(-1, 0, 1, 10**10, -(10**10), 315_576_000_000, 31_622_400_000, -31_622_400_000, 2**31),
)
_NANOS = (-1, 1, 999_999_999, 1_000_000_000, -(2**31), 2**31 - 1)
_REALS = (float("nan"), float("inf"), float("-inf"), -1.0, 1e308, -0.0, 5e-324, 1.5)
PLAIN_TEXTS = ("", "a", "Europe/Berlin", "09:00", "ada", "https://example.org/x", "10", "reply")
ODD_TEXTS = (
    *(
        "",
        "\x00",
        "a\x00b",
        HALF,
        f"a{HALF}",
        "\x1b[31m",
        "\r\n",
        " ",
        "\u202e",
        "\ufeff",
        "\u200b",
    ),
    *(
        "\\u0000",
        '"\\ud800"',
        "%00",
        "%",
        "%ff",
        "'; DROP TABLE leads; --",
        "../../etc/passwd",
        "$1",
    ),
    *("{{first_name}}", "{{", "{{first_name|", "{%", "{0}", "%s", "[", "{", '{"a":', "null", "-1"),
    *(
        "NaN",
        "1e999",
        "9" * 400,
        "-" + "9" * 30,
        "0x10",
        "1_000",
        "²",
        "٣",
        "25:61",
        "24:00",
        "-00:00",
    ),
    *(
        "0001-01-01",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
        "2026-02-30",
        "UTC",
        "GMT+25",
    ),
    *("http://[::1", "http://user:p@ss@host:99999/", "http://\x00/", "https://" + "a" * 300 + "/"),
    *(
        "https://xn--a.com/",
        "https://\uff45xample.com/",
        "mailto:a@b",
        "urn:li:member:1",
        "AA==",
        "AAAA",
        "é",
    ),
    *(
        "😀" * 500,
        "a" * 5_000,
        LONG,
        NOISE,
        "é" * 50_000,
        "\u0301" * 100,
        "ß",
        "İ",
        "\ufb01",
        "\U0001d54f",
        "\U0010ffff",
        "/",
        ".",
    ),
)
ODD_JSON = (
    *(
        "",
        "{}",
        "[]",
        "null",
        "1",
        '"',
        "{",
        "[" * 5_000,
        "[" * 100_000,
        '{"a":' * 3_000,
        "NaN",
        "1e999",
    ),
    *(
        '{"nodes": null}',
        '{"nodes": [1]}',
        '{"nodes": {}, "edges": {}}',
        '{"nodes": [], "edges": []}',
    ),
    *('{"nodes": [{"id": "\\u0000"}]}', '{"nodes": [{"id": "\\ud800"}], "edges": []}', "9" * 5_000),
    *('{"nodes": [{"id": {}}]}', '{"nodes": [{"id": [1]}]}', '{"nodes": [{}, {}], "edges": [{}]}'),
)
ODD_VALUES = (
    *(None, True, 0, -1, 2**31, 2**63, 10**400, 1.5, 1e300, float("nan"), float("inf"), "", [], {}),
    *(["a"], [[]], {"a": 1}, {"": None}, "\x00", "\ud800", [None], "1", "01", " a "),
)


@dataclass
class Faults:
    """What must not have happened, and how all calls ended."""

    ended: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def add(self, what: str) -> None:
        if len(self.found) < _MOST_KEPT:
            self.found.append(what)

    def __str__(self) -> str:
        return "\n".join([f"{dict(self.ended)}, seed {seed()}", *self.found])


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
    address: str, methods: Iterable[MethodDescriptor], values: Fuzz, *, count: int
) -> Faults:
    """Call the methods, each about as often, and tell what must not happen.

    The channel is as anybody's: with gRPC's own limits.
    """
    faults = Faults()
    drawn = _drawn([*methods], values, count)
    async with grpc.aio.insecure_channel(address) as channel:

        async def call_some() -> None:
            for method, raw in drawn:
                await _call(channel, method, raw, values, faults)

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(call_some())
    return faults


_ENDING = re.compile("Delete|Stop|Disconnect|Remove")


def _drawn(
    methods: list[MethodDescriptor], values: Fuzz, count: int
) -> Iterator[tuple[MethodDescriptor, list[bytes]]]:
    # What ends things is asked for less often, so that there is something to ask about.
    weights = [0.1 if _ENDING.match(method.name) else 1.0 for method in methods]
    for method in values.dice.choices(methods, weights, k=count):
        pieces = values.dice.choice((0, 1, 2, 3)) if method.client_streaming else 1
        yield method, [values.request(method) for _ in range(pieces)]


async def _call(
    channel: grpc.aio.Channel,
    method: MethodDescriptor,
    raw: list[bytes],
    values: Fuzz,
    faults: Faults,
) -> None:
    code = "OK"
    try:
        async with asyncio.timeout(LIMIT):
            for answer in await _ask(channel, method, raw):
                values.learn(answer)
    except TimeoutError:
        code = "HANG"
        faults.add(_told(method, raw, "hangs"))
    except grpc.aio.AioRpcError as error:
        code = error.code().name
        if not _refused(error):
            faults.add(_told(method, raw, f"{code}: {error.details()}"))
    faults.ended[code] += 1


async def _ask(channel: grpc.aio.Channel, method: MethodDescriptor, raw: list[bytes]) -> list[Any]:
    path = f"/{method.containing_service.full_name}/{method.name}"
    read = GetMessageClass(method.output_type).FromString
    kind = f"{_KINDS[method.client_streaming]}_{_KINDS[method.server_streaming]}"
    call = getattr(channel, kind)(path, request_serializer=bytes, response_deserializer=read)

    async def pieces() -> AsyncIterator[bytes]:
        for each in raw:
            yield each

    calling = call(pieces() if method.client_streaming else raw[0])
    return await _watched(calling) if method.server_streaming else [await calling]


_KINDS = {False: "unary", True: "stream"}


async def _watched(calling: Any) -> list[Any]:
    answers = []
    try:
        async with asyncio.timeout(_WATCHED):
            async for answer in calling:
                answers.append(answer)  # noqa: PERF401 - what came before the time was over
    except TimeoutError:
        calling.cancel()
    return answers


_REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
}


def _refused(error: grpc.aio.AioRpcError) -> bool:
    """Whether a caller is told what is wrong, or, of what is in order, when it may go."""
    details = [detail for detail in _status(error).details if detail]
    if not any(each.Is(error_details_pb2.ErrorInfo.DESCRIPTOR) for each in details):
        return False
    waits = any(each.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for each in details)
    return error.code() in _REFUSALS or (
        error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and waits
    )


def _status(error: grpc.aio.AioRpcError) -> Any:
    for key, value in error.trailing_metadata() or ():
        if key == STATUS_METADATA_KEY and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return status_pb2.Status()


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
