"""`outreach_client/services/typed.pyi`: what the services of a client have, for type checkers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from outreach_client.services.members import (
    MEMBERS,
    OF_EACH,
    Member,
    Server,
    items_field,
    method_name,
)

_HEAD = '''"""What each service of a client has; written by `make client`."""

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
)
from datetime import datetime, timedelta
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
'''
_WELL_KNOWN = {
    "google.protobuf.Timestamp": "datetime | Timestamp",
    "google.protobuf.Duration": "timedelta | Duration",
    "google.protobuf.FieldMask": "FieldMask",
}
_SCALARS = {
    FieldDescriptor.CPPTYPE_STRING: "str",
    FieldDescriptor.CPPTYPE_BOOL: "bool",
    FieldDescriptor.CPPTYPE_FLOAT: "float",
    FieldDescriptor.CPPTYPE_DOUBLE: "float",
}


def members_stub() -> str:
    """All of it."""
    of_each = {**MEMBERS, **_any_of_each()}
    body = [
        *_classes(of_each.items(), blocking=False),
        *_classes(of_each.items(), blocking=True),
        *_holder("Services", blocking=False),
        *_holder("BlockingServices", blocking=True),
    ]
    return "\n".join([_HEAD, *_imports(of_each.values()), "", *body]) + "\n"


def _any_of_each() -> Mapping[str, Member]:
    """Of what every server has the one of one of them, by its name in the singular."""
    return {name.removesuffix("s"): of[Server.CAMPAIGN_API] for name, of in OF_EACH.items()}


def _imports(members: Iterable[Member]) -> Iterator[str]:
    modules = {
        name.removesuffix(".proto").replace("/", ".")
        for member in members
        for method in member.descriptor.methods
        for name in _files(method)
        if not name.startswith("google/")
    }
    for module in sorted(modules):
        package, _, name = module.rpartition(".")
        yield f"from {package} import {name}_pb2"
    yield "from outreach_client.credentials import Tokens"
    yield "from outreach_client.services.blocking_pages import BlockingPages"
    yield "from outreach_client.services.members import Server"
    yield "from outreach_client.services.pages import Pages"


def _files(method: MethodDescriptor) -> Iterator[str]:
    yield from (method.input_type.file.name, method.output_type.file.name)
    for field in (*method.input_type.fields, *_entries(method.input_type)):
        named: Any = field.message_type or field.enum_type
        if named is not None and not _is_map(field):
            yield named.file.name
    item = _item(method)
    if item is not None:
        yield item.file.name


def _entries(descriptor: Descriptor) -> Iterator[FieldDescriptor]:
    for field in descriptor.fields:
        if _is_map(field):
            yield _value(field)


def _classes(members: Iterable[tuple[str, Member]], *, blocking: bool) -> Iterator[str]:
    for name, member in members:
        yield f"class {_class_name(name, blocking=blocking)}:"
        for method in member.descriptor.methods:
            yield from _method(method, blocking=blocking)
        yield ""


def _holder(name: str, *, blocking: bool) -> Iterator[str]:
    yield f"class {name}:"
    for each in MEMBERS:
        yield "    @property"
        yield f"    def {each}(self) -> {_class_name(each, blocking=blocking)}: ..."
    for each in _any_of_each():
        yield "    @property"
        made = _class_name(each, blocking=blocking)
        yield f"    def {each}s(self) -> Mapping[Server, {made}]: ..."
    if blocking:
        yield "    def _member(self, name: str) -> Any: ..."
    else:
        yield "    tokens_of_key: Tokens | None"
        yield "    def channel_to(self, server: Server) -> grpc.aio.Channel: ..."
    yield ""


def _class_name(member: str, *, blocking: bool) -> str:
    name = "".join(word.capitalize() for word in member.split("_"))
    return f"_Blocking{name}" if blocking else f"_{name}"


def _method(method: MethodDescriptor, *, blocking: bool) -> Iterator[str]:
    name, asked = method_name(method), _message(method.input_type)
    yield f"    def {name}("
    yield "        self,"
    if method.client_streaming:
        iterable = "Iterable" if blocking else "AsyncIterable"
        yield f"        requests: {iterable}[{asked}],"
        yield "        /,"
        yield "        *,"
        yield "        timeout: timedelta | None = ...,"
    else:
        yield f"        request: {asked} | None = ...,"
        yield "        /,"
        yield "        *,"
        how = "patience: timedelta" if method.server_streaming else "timeout: timedelta | None"
        yield f"        {how} = ...,"
        for field in method.input_type.fields:
            yield f"        {field.name}: {_type(field)} = ...,"
    yield f"    ) -> {_answer(method, blocking=blocking)}: ..."


def _answer(method: MethodDescriptor, *, blocking: bool) -> str:
    answered = _message(method.output_type)
    item = _item(method)
    if item is not None:
        return f"{'Blocking' if blocking else ''}Pages[{answered}, {_message(item)}]"
    if method.server_streaming:
        return f"{'' if blocking else 'Async'}Iterator[{answered}]"
    return answered if blocking else f"Coroutine[Any, Any, {answered}]"


def _type(field: FieldDescriptor) -> str:
    if _is_map(field):
        return f"Mapping[str, {_one(_value(field))}]"
    if field.is_repeated:
        return f"Iterable[{_one(field)}]"
    return f"{_one(field)} | None" if field.has_presence else _one(field)


def _one(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        named = _WELL_KNOWN.get(field.message_type.full_name)
        return named or f"{_message(field.message_type)} | Mapping[str, Any]"
    if field.enum_type is not None:
        return f"{_module(field.enum_type)}.{_path(field.enum_type)}.ValueType | str"
    if field.type == FieldDescriptor.TYPE_BYTES:
        return "bytes"
    return _SCALARS.get(field.cpp_type, "int")


def _item(method: MethodDescriptor) -> Descriptor | None:
    """What a list lists; None where a method is none."""
    items = items_field(method)
    return method.output_type.fields_by_name[items].message_type if items else None


def _value(field: FieldDescriptor) -> FieldDescriptor:
    """What a map maps to."""
    assert field.message_type is not None  # noqa: S101 - a map is a message
    return field.message_type.fields_by_name["value"]


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _message(descriptor: Any) -> str:
    return f"{_module(descriptor)}.{_path(descriptor)}"


def _module(descriptor: Any) -> str:
    return str(descriptor.file.name).rpartition("/")[2].removesuffix(".proto") + "_pb2"


def _path(descriptor: Any) -> str:
    """A name within its file: those that it lies in come first."""
    return str(descriptor.full_name).removeprefix(f"{descriptor.file.package}.")
