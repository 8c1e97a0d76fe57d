"""Answers for programs: protobuf JSON, lines of it, YAML, ids alone, and CSV."""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from outreach_client.formats.shown import Format, Shown, shown

_WELL_KNOWN = "google.protobuf."


def print_message(message: Message, *, one_line: bool = False) -> None:
    """The message in the format that was asked for; `one_line` where others follow it."""
    asked = shown()
    match asked.format:
        case Format.JSON | Format.TABLE | Format.WIDE:
            _print(json.dumps(as_dict(message), ensure_ascii=False, indent=None if one_line else 2))
        case Format.JSONL:
            for each in _rows(message):
                _print(json.dumps(as_dict(each), ensure_ascii=False))
        case Format.YAML:
            _print_yaml(message, one_of_several=one_line)
        case Format.NAME:
            for each in things(message):
                _print(name_of(each))
        case Format.CSV:
            _print_csv(things(message), asked)
        case _:
            assert_never(asked.format)


def as_dict(message: Message) -> dict[str, Any]:
    """By the protobuf JSON mapping, with every field."""
    return MessageToDict(message, always_print_fields_with_no_presence=True)


def things(message: Message) -> Sequence[Message]:
    """What an answer is about: those of a list, else the one thing, else the answer itself."""
    fields = message.DESCRIPTOR.fields
    first = fields[0] if fields else None
    if first is None or not _is_thing(first):
        return [message]
    value: Any = getattr(message, first.name)
    if first.is_repeated:
        return [thing for each in value for thing in things(each)]
    return things(value) if message.HasField(first.name) else []


def name_of(thing: Message) -> str:
    """Its id, which every command takes; of what has none its name, else its first field."""
    fields = [each for each in thing.DESCRIPTOR.fields if not each.is_repeated]
    ids = [each.name for each in fields if each.name.endswith("_id")]
    names = [*ids, *(each.name for each in fields if each.name == "name")]
    return str(getattr(thing, (names or [each.name for each in fields] or ["DESCRIPTOR"])[0]))


def _rows(message: Message) -> Sequence[Any]:
    """Each row of a list, else the message."""
    fields = message.DESCRIPTOR.fields
    if fields and _is_thing(fields[0]) and fields[0].is_repeated:
        found: Sequence[Any] = getattr(message, fields[0].name)
        return found
    return [message]


def _is_thing(field: Any) -> bool:
    return (
        field.message_type is not None
        and not field.message_type.full_name.startswith(_WELL_KNOWN)
        and not field.message_type.GetOptions().map_entry
    )


def _print_yaml(message: Message, *, one_of_several: bool) -> None:
    import yaml  # noqa: PLC0415 - only for who asks for it

    if one_of_several:
        _print("---")
    _print(yaml.safe_dump(as_dict(message), allow_unicode=True, sort_keys=False).rstrip("\n"))


def _print_csv(rows: Sequence[Message], asked: Shown) -> None:
    flat = [dict(_flat(as_dict(each))) for each in rows]
    columns = [*dict.fromkeys(name for each in flat for name in each)]
    written = csv.writer(sys.stdout, lineterminator="\n")
    if not asked.header_is_out and columns:
        written.writerow(columns)
        asked.header_is_out = True
    written.writerows([_cell(each.get(name, "")) for name in columns] for each in flat)
    sys.stdout.flush()


def _flat(content: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of a formula."""


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.startswith(_FORMULA) else value


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201
