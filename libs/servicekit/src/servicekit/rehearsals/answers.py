"""What a rehearsal answers: as the real call, less what nobody can use."""

from collections.abc import Collection, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_NEVER_TRUE = ("etag", "content_hash", "secret")
"""What is made of what was not kept: it never fits again, or signs nothing."""


def blanked(answer: Message, made: Collection[str]) -> Message:
    """The answer without etags, hashes and secrets, and without the ids of what was `made`."""
    for holder, field, value in [*_texts(answer)]:
        if field.is_repeated:
            kept = [each for each in value if each not in made]
            if len(kept) < len(value):
                holder.ClearField(field.name)
                getattr(holder, field.name).extend(kept)
        elif field.name in _NEVER_TRUE or value in made:
            holder.ClearField(field.name)
    return answer


def _texts(message: Any) -> Iterator[tuple[Any, FieldDescriptor, Any]]:
    """The texts of a message and of all in it, each with what holds it."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            if field.message_type.GetOptions().map_entry:
                continue
            for inside in value if field.is_repeated else [value]:
                yield from _texts(inside)
        elif field.type == FieldDescriptor.TYPE_STRING:
            yield message, field, value
