"""The JSON of an event, as customers receive it.

    {"id": …, "type": "lead.completed", "timestamp": …, "data": {"campaign": {…}, "lead": {…}}}

`data` holds what the event is about and nothing else; each part has all of its fields. One that is
counted also says `"subject": "lead_…", "sequenceNumber": 7`: the seventh event of that lead.
"""

import json
from typing import Any, Final, Literal, get_args

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from outreach.webhook.v1 import event_pb2 as pb

_Part = Literal[
    "campaign", "lead", "step", "account", "reply", "owner_message", "endpoint", "report"
]
_PARTS: Final[tuple[_Part, ...]] = get_args(_Part)
_NAMES: Final = {part: pb.Event.DESCRIPTOR.fields_by_name[part].json_name for part in _PARTS}
_ENUM_PREFIX = "EVENT_TYPE_"


def type_name(event_type: pb.EventType.ValueType) -> str:
    """`EVENT_TYPE_LEAD_STARTED` as customers know it: `lead.started`."""
    name = pb.EventType.Name(event_type).removeprefix(_ENUM_PREFIX)
    return name.lower().replace("_", ".", 1)


TYPE_NAMES: Final = frozenset(type_name(number) for number in pb.EventType.values() if number)
"""Every type of event, as customers know it."""
TYPE_GROUPS: Final = frozenset(f"{name.partition('.')[0]}.*" for name in TYPE_NAMES)
"""All of a kind each, as `lead.*`."""


def type_of(name: str) -> pb.EventType.ValueType:
    """The event type that customers know as `name`."""
    return pb.EventType.Value(_ENUM_PREFIX + name.upper().replace(".", "_"))


def payload(event: pb.Event) -> str:
    """The event as the text that is signed and sent."""
    content = {
        "id": event.event_id,
        "type": type_name(event.type),
        "timestamp": event.occur_time.ToJsonString(),
        **_place(event),
        "data": {
            _NAMES[part]: _fields(getattr(event, part)) for part in _PARTS if event.HasField(part)
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _place(event: pb.Event) -> dict[str, Any]:
    """Which one it is of its subject's events, if it is counted."""
    if not event.sequence_number:
        return {}
    return {"subject": event.subject, "sequenceNumber": event.sequence_number}


def _fields(part: Message) -> dict[str, Any]:
    """Every field by its JSON name, in the order of the contract; null where a part is not set."""
    values = MessageToDict(part, always_print_fields_with_no_presence=True)
    return {field.json_name: values.get(field.json_name) for field in part.DESCRIPTOR.fields}
