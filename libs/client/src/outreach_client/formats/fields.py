"""The values of messages as people read them: enums, times, windows, lists and maps in a line."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.common.v1.sending_window_pb2 import SendingWindow

from outreach_client.formats.durations import duration_text
from outreach_client.formats.enums import enum_text
from outreach_client.formats.times import instant_text
from outreach_client.formats.windows import window_text

_FEWEST_WORDS = 4
"""Of a sentence."""

_NOTHING_IS = {"outreach.campaign.v1.CampaignSettings.leads_per_day": "no limit"}
"""Of a field of which 0 would be read as none at all."""

_COMMANDS = re.compile(
    # All of what commands a terminal but line ends and tabs; and what turns a line's direction.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

Field = Any
"""A field's descriptor, which has one class in Python's protobuf and another in C's."""


def harmless(text: str) -> str:
    """The text with a replacement character for each that would command the terminal."""
    return _COMMANDS.sub("\ufffd", text)


def field_text(field: Field, value: Any) -> str:
    """One value of a field, in one line."""
    if not value and field.full_name in _NOTHING_IS:
        return _NOTHING_IS[field.full_name]
    if field.message_type is not None:
        return _message_text(value)
    if field.enum_type is not None:
        return enum_text(field.enum_type, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes):
        return value.hex()
    return harmless(str(value))


def _message_text(value: Message) -> str:
    if isinstance(value, Timestamp):
        return instant_text(value)
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, SendingWindow):
        return window_text(value)
    return ", ".join(f"{name} {text}" for name, text in flat(value, []) if text)


def _texts(message: Message, field: Field) -> str:
    """A field as one text; empty when it has presence and is absent."""
    value: Any = getattr(message, field.name)
    if not field.is_repeated:
        absent = field.has_presence and not message.HasField(field.name)
        return "" if absent else field_text(field, value)
    if _is_map(field):
        return ", ".join(f"{key}={value[key]}" for key in sorted(value))
    texts = [field_text(field, item) for item in value]
    if any(map(_is_sentence, texts)):
        # Sentences have commas of their own.
        return "\n".join(texts if len(texts) == 1 else (f"- {text}" for text in texts))
    return ", ".join(texts)


def _is_sentence(text: str) -> bool:
    """Whether it is said in words, and no id, date or name; some end without a full stop."""
    return text.count(" ") >= _FEWEST_WORDS - 1


def flat(
    message: Message, lists: list[tuple[str, Sequence[Message]]], path: str = ""
) -> Iterable[tuple[str, str]]:
    """Labels and texts of a message's fields; lists of messages go into `lists`."""
    for field in message.DESCRIPTOR.fields:
        label = f"{path}{field.name}".replace("_", " ")
        value: Any = getattr(message, field.name)
        if field.message_type is not None and field.is_repeated and not _is_map(field):
            if _is_plain(field):
                yield label, _texts(message, field)
            elif value:
                lists.append((label, value))
        elif field.message_type is None or _is_map(field) or _is_plain(field):
            if not (field.containing_oneof and not message.HasField(field.name)):
                yield label, _texts(message, field)
        elif message.HasField(field.name):
            yield from flat(value, lists, f"{path}{field.name}.")


def columns_set(rows: Sequence[Message]) -> Iterable[str]:
    """The fields that any of the rows has something in."""
    for field in rows[0].DESCRIPTOR.fields:
        if any(_texts(row, field) not in {"", "0"} for row in rows):
            yield field.name


def text_at(message: Message, path: str) -> str:
    """The text of a field by its path, `lead.state` for example."""
    head, _, rest = path.partition(".")
    if rest:
        return text_at(getattr(message, head), rest)
    return _texts(message, message.DESCRIPTOR.fields_by_name[head])


def _is_map(field: Field) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _is_plain(field: Field) -> bool:
    """Messages that are one value to people."""
    return field.message_type is not None and field.message_type.full_name in {
        Timestamp.DESCRIPTOR.full_name,
        Duration.DESCRIPTOR.full_name,
        SendingWindow.DESCRIPTOR.full_name,
    }
