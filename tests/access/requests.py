"""What is asked: requests made from descriptors and ids, and what was told, without its values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2

from tests.fuzzing.calls import ask, status_of


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of a call."""

    code: grpc.StatusCode
    reason: str = ""
    answers: tuple[Message, ...] = ()

    @property
    def outline(self) -> tuple[Any, ...]:
        """All of it but the values."""
        return self.code, self.reason, tuple(tuple(_outline(each)) for each in self.answers)

    @property
    def texts(self) -> set[str]:
        return {text for answer in self.answers for text in texts_in(answer)}


async def call(
    channel: grpc.aio.Channel,
    method: MethodDescriptor,
    requests: list[Message],
    token: str,
    *,
    watched: float,
) -> Told:
    """Ask, with a token if it is one; a stream that does not end is watched for so long."""
    raw = [each.SerializeToString() for each in requests]
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    while True:
        try:
            answers = await ask(channel, method, raw, metadata=metadata, watched=watched)
        except grpc.aio.AioRpcError as error:
            info = error_details_pb2.ErrorInfo()
            for detail in status_of(error).details:
                detail.Unpack(info)
            # A busy machine records late; what cannot be recorded is not done, and asked again.
            if info.reason != "AUDIT_UNAVAILABLE":
                return Told(code=error.code(), reason=info.reason)
        else:
            return Told(code=grpc.StatusCode.OK, answers=tuple(answers))


def made(
    method: MethodDescriptor, ids: Mapping[str, str], examples: Iterable[Message | list[Message]]
) -> list[Message]:
    """The example of a method's request; without one a request that has the ids, by their names."""
    for example in examples:
        pieces = example if isinstance(example, list) else [example]
        if pieces[0].DESCRIPTOR is method.input_type:
            return pieces
    request = GetMessageClass(method.input_type)()
    for name, value in ids.items():
        of = method.input_type.fields_by_name.get(name)
        if of is not None and of.type == FieldDescriptor.TYPE_STRING:
            setattr(request, name, value)
        several = method.input_type.fields_by_name.get(f"{name}s")
        if several is not None and several.is_repeated:
            getattr(request, several.name).append(value)
    return [request]


def replaced(requests: list[Message], by: Mapping[str, str]) -> list[Message]:
    """The same with other ids in it."""
    copies = []
    for request in requests:
        copy = type(request)()
        copy.CopyFrom(request)
        _replace(copy, by)
        copies.append(copy)
    return copies


def _replace(message: Message, by: Mapping[str, str]) -> None:
    for of, value in message.ListFields():
        if of.message_type is not None and not of.message_type.GetOptions().map_entry:
            for each in value if of.is_repeated else [value]:
                _replace(each, by)
        elif of.type == FieldDescriptor.TYPE_STRING:
            if of.is_repeated:
                value[:] = [by.get(each, each) for each in value]
            else:
                setattr(message, of.name, by.get(value, value))


def _outline(message: Message, path: str = "") -> Iterator[str]:
    """The fields that are set, by their paths; one line for each item of a list."""
    for of, value in message.ListFields():
        items = value if of.is_repeated else [value]
        for each in items:
            yield f"{path}{of.name}"
            if isinstance(each, Message):
                yield from _outline(each, f"{path}{of.name}.")


def texts_in(message: Message) -> Iterator[str]:
    """Every text of a message."""
    for of, value in message.ListFields():
        for each in value if of.is_repeated else [value]:
            if isinstance(each, Message):
                yield from texts_in(each)
            elif isinstance(each, str):
                yield each
