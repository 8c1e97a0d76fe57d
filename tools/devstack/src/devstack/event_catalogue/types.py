"""The types of events as the contract has them: what each is about, and what it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from outreach.webhook.v1 import event_parts_pb2
from outreach.webhook.v1 import event_pb2 as pb
from webhook_dispatcher.channels.trial import TEST_TYPE
from webhook_dispatcher.convert.payload import type_name

from devstack.api_reference import Comments, read_protos

_FILE = pb.DESCRIPTOR.name
_MESSAGES, _ENUMS = 4, 5
_CHILDREN = 2
TRIAL: Final = TEST_TYPE
"""What SendTestEvent posts: no event, but it arrives like one."""
_TRIAL_TEXT = "SendTestEvent was called. It is no event: it is not listed and not tried again."
_OPTIONAL = "Optional. "


@dataclass(frozen=True, kw_only=True)
class CataloguedType:
    """A type of event; `parts` are fields of Event, and stand in `data`."""

    name: str
    text: str
    parts: Sequence[str] = ()


@cache
def texts() -> Mapping[str, str]:
    """What the contract says of each message, field and value of `event.proto`, by its name."""
    file = _file()
    comments, found = Comments(file), dict[str, str]()
    for number, message in enumerate(file.message_type):
        found[message.name] = comments.line_at((_MESSAGES, number))
        found |= _fields(message, comments, number)
    for number, enum in enumerate(file.enum_type):
        for value, each in enumerate(enum.value):
            found[each.name] = comments.line_at((_ENUMS, number, _CHILDREN, value))
    return found


def types() -> Sequence[CataloguedType]:
    """All of them, in the order of the contract, and the test."""
    said = texts()
    known = [
        CataloguedType(
            name=type_name(pb.EventType.Value(value.name)),
            text=said[value.name],
            parts=value.GetOptions().Extensions[event_parts_pb2.parts],
        )
        for value in pb.EventType.DESCRIPTOR.values
        if value.number
    ]
    return [*known, CataloguedType(name=TRIAL, text=_TRIAL_TEXT)]


def _file() -> FileDescriptorProto:
    return next(file for file in read_protos() if file.name == _FILE)


def _fields(message: DescriptorProto, comments: Comments, number: int) -> Mapping[str, str]:
    return {
        f"{message.name}.{field.name}": comments.line_at(
            (_MESSAGES, number, _CHILDREN, place)
        ).removeprefix(_OPTIONAL)
        for place, field in enumerate(message.field)
    }
