"""A server's border without a server: the layers of every call, and behind them nothing.

What no servicer decides is decided there, before anything is read or looked up. So it is asked
without sockets and databases, for every caller and every id.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import grpc
from buf.validate import validate_pb2
from devstack.stack.keys import Keys
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from identity.access import ACCESS_OF
from prometheus_client import CollectorRegistry
from servicekit.grpc.interceptors import LayeredInterceptor, standard_interceptor
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

from tests.fuzzing.rules import keeps

_DEEPEST = 4
_TEXTS = ("{}", "a", "09:00", "0" * 64)
_SECONDS = 3_600
_SPANS = {"google.protobuf.Timestamp", "google.protobuf.Duration"}


@dataclass
class Context:
    """What gRPC gives a call, as far as the layers ask."""

    token: str
    refused: grpc.StatusCode | None = None
    trailing: tuple[Any, ...] = field(default=())

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    def trailing_metadata(self) -> tuple[Any, ...]:
        return self.trailing

    def set_trailing_metadata(self, trailing: tuple[Any, ...]) -> None:
        self.trailing = trailing

    def auth_context(self) -> dict[str, list[bytes]]:
        return {}

    def time_remaining(self) -> None:
        return None

    async def abort(self, code: grpc.StatusCode, *_: object) -> None:
        self.refused = code
        raise grpc.aio.AbortError


class Border:
    """What each call of a server goes through before its servicer."""

    def __init__(self, server: str, keys: Keys) -> None:
        identity = Identity.of_server(
            ServiceSettings(**keys.settings(server)), service=server, sandbox=False, calls=True
        )
        self._layers = standard_interceptor(
            CollectorRegistry(), authenticator=identity.authenticator, access_of=ACCESS_OF
        )
        self._crossings: dict[str, _Crossing] = {}

    async def ask(
        self, method: MethodDescriptor, request: Message, token: str
    ) -> grpc.StatusCode | None:
        """What the call is refused with; None where it reaches the servicer."""
        crossing = self._crossings.get(method.full_name)
        if crossing is None:
            self._crossings[method.full_name] = crossing = await _Crossing.of(method, self._layers)
        return await crossing.ask(request, token)


class _Crossing:
    """One method, and whether it was reached."""

    def __init__(self, method: MethodDescriptor) -> None:
        self._method = method
        self._reached = False
        self._handler: Any = None

    @classmethod
    async def of(cls, method: MethodDescriptor, layers: LayeredInterceptor) -> "_Crossing":
        made = cls(method)
        path = f"/{method.containing_service.full_name}/{method.name}"
        details: Any = SimpleNamespace(method=path, invocation_metadata=())

        async def servicer(_: Any) -> Any:
            return made.unlayered()

        made._handler = await layers.intercept_service(servicer, details)
        return made

    def unlayered(self) -> Any:
        """What is behind the border: whoever comes so far is let in."""
        method, kinds = self._method, {False: "unary", True: "stream"}
        kind = f"{kinds[method.client_streaming]}_{kinds[method.server_streaming]}"
        read = GetMessageClass(method.input_type).FromString

        async def single(request: Any, _: Any) -> Any:
            if method.client_streaming:
                async for _each in request:
                    pass
            self._reached = True

        async def several(request: Any, context: Any) -> AsyncIterator[Any]:
            await single(request, context)
            yield None

        behaviour = several if method.server_streaming else single
        make = getattr(grpc, f"{kind}_rpc_method_handler")
        return make(behaviour, request_deserializer=read)

    async def ask(self, request: Message, token: str) -> grpc.StatusCode | None:
        self._reached = False
        context = Context(token)
        handler, streams = self._handler, self._method.client_streaming
        read = handler.request_deserializer(request.SerializeToString())
        asked = _one(read) if streams else read
        try:
            if self._method.server_streaming:
                behaviour = handler.stream_stream if streams else handler.unary_stream
                async for _ in behaviour(asked, context):
                    pass
            else:
                behaviour = handler.stream_unary if streams else handler.unary_unary
                await behaviour(asked, context)
        except grpc.aio.AbortError:
            assert not self._reached, f"{self._method.full_name} was reached, and then refused"
            return context.refused
        assert self._reached
        return None


async def _one(request: Any) -> AsyncIterator[Any]:
    yield request


def naming(method: MethodDescriptor, organization_id: str, suffix: str) -> Message:
    """A request with every id that it can have: an organization's, and things of one kind.

    It has what the contract requires of it, too.
    """
    request = GetMessageClass(method.input_type)()
    _fill(request, organization_id, suffix, 0)
    return request


def _fill(message: Any, organization_id: str, suffix: str, depth: int) -> None:
    for each in message.DESCRIPTOR.fields:
        if each.message_type is not None:
            names = depth < _DEEPEST and _names_anything(each.message_type, depth + 1)
            if names or _is_required(each):
                value = getattr(message, each.name)
                inside = value.add() if each.is_repeated else value
                inside.SetInParent()
                if each.message_type.full_name in _SPANS:
                    inside.seconds = _SECONDS
                _fill(inside, organization_id, suffix, depth + 1)
        elif _is_id(each):
            named = organization_id if each.name.startswith("organization_id") else suffix
            if each.is_repeated:
                getattr(message, each.name).append(named)
            else:
                setattr(message, each.name, named)
        elif _is_required(each):
            is_text = each.type == FieldDescriptor.TYPE_STRING
            if each.is_repeated:
                getattr(message, each.name).append(suffix)
            else:
                setattr(message, each.name, _text_for(each) if is_text else 1)


def _text_for(each: FieldDescriptor) -> str:
    """A text that its rules allow."""
    rules = each.GetOptions().Extensions[validate_pb2.field]
    return next(text for text in _TEXTS if keeps(text, rules))


def names_organization(message: Any) -> bool:
    """Whether there is an organization in it, wherever."""
    return any(
        each.name == "organization_id"
        or (each.message_type is not None and any(map(names_organization, _several(each, value))))
        for each, value in message.ListFields()
    )


def _several(each: FieldDescriptor, value: Any) -> Iterator[Any]:
    yield from value if each.is_repeated else [value]


def _is_id(each: FieldDescriptor) -> bool:
    named = each.name.endswith(("_id", "_ids"))
    return named and each.type == FieldDescriptor.TYPE_STRING


def _is_required(each: FieldDescriptor) -> bool:
    rules = each.GetOptions().Extensions[validate_pb2.field]
    return (
        rules.required
        or rules.repeated.min_items > 0
        or any(
            choice.GetOptions().Extensions[validate_pb2.oneof].required and choice.fields[0] is each
            for choice in each.containing_type.oneofs
        )
    )


def _names_anything(message: Descriptor, depth: int) -> bool:
    """Whether there is an id in it; what is a map's entry is left alone."""
    if message.GetOptions().map_entry or depth > _DEEPEST:
        return False
    return any(
        _is_id(each)
        or (each.message_type is not None and _names_anything(each.message_type, depth + 1))
        for each in message.fields
    )
