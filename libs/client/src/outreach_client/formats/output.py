"""How answers are shown: as tables for people, as protobuf JSON for programs.

What is shown follows the contract: a field added there is shown here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.common.v1.on_the_wire_pb2 import OnTheWire
from outreach.common.v1.sending_window_pb2 import SendingWindow

from outreach_client.formats.durations import duration_text, instant_text
from outreach_client.formats.enums import enum_text
from outreach_client.formats.windows import window_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_PIPE_WIDTH = 200
_ENDLESS = 10_000
_FEWEST_WORDS = 4
"""Of a sentence."""

_NOTHING_IS = {"outreach.campaign.v1.CampaignSettings.leads_per_day": "no limit"}
"""Of a field of which 0 would be read as none at all."""

Field = Any
"""A field's descriptor, which has one class in Python's protobuf and another in C's."""


def console() -> Console:
    """Standard output; wide where nobody looks at it directly, so that nothing is cut."""
    from rich.console import Console  # noqa: PLC0415 - dear, and not for --json, nor for help

    made = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not made.is_terminal:
        made.width = _PIPE_WIDTH
    return made


def print_sentence(text: str) -> None:
    """Words in a line; on a terminal as many lines as they need, parted between words."""
    out = console()
    out.print(text, soft_wrap=not out.is_terminal)


def print_json(message: Message, *, one_line: bool = False) -> None:
    """The message by the protobuf JSON mapping, with every field."""
    content = MessageToDict(message, always_print_fields_with_no_presence=True)
    indent = None if one_line else 2
    print(json.dumps(content, ensure_ascii=False, indent=indent), flush=True)  # noqa: T201


def print_details(message: Message, title: str = "") -> None:
    """One thing: its fields below each other, its lists as tables."""
    out = console()
    fields = _table(show_header=False, pad_edge=False, title=title or None)
    fields.add_column(style="bold")
    fields.add_column(overflow="fold")
    lists: list[tuple[str, Sequence[Message]]] = []
    for label, value in _flat(message, lists):
        fields.add_row(label, value)
    out.print(fields)
    for name, rows in lists:
        out.print()
        print_rows(rows, title=name)


def print_on_the_wire(begun: OnTheWire) -> None:
    """What a stop could stop no more; nothing if there is none."""
    if begun.actions:
        console().print(
            f"on the wire, until {instant_text(begun.until)} at most: "
            + ", ".join(begun.action_ids)
            + (" …" if begun.actions > len(begun.action_ids) else "")
        )


def print_rows(
    rows: Iterable[Message],
    *columns: str,
    title: str = "",
    empty: str = "none",
    next_page_token: str = "",
    next_sync_token: str = "",
) -> None:
    """Many things: one row each. `columns` are paths of fields; without them all that are set.

    Where the words of a row do not fit beside each other its fields stand below each other.
    """
    rows = list(rows)
    out = console()
    if rows:
        _print_table(out, rows, columns, title)
    else:
        out.print(f"{title}: {empty}" if title else empty)
    # A page that has found nothing may have one after it.
    if next_page_token:
        out.print(f"More: --page-token {next_page_token}")
    if next_sync_token:
        out.print(f"What changes from here on: --sync-token {next_sync_token}")


def _print_table(out: Console, rows: Sequence[Message], columns: Sequence[str], title: str) -> None:
    if not columns:
        columns = tuple(_columns_set(rows))
    table = _table(lined=True, title=title or None, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(column.rpartition(".")[2].replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_at(row, column) for column in columns))
    if _fits(out, table):
        out.print(table)
    else:
        _print_below_each_other(out, table, title)


def _table(*, lined: bool = False, **options: Any) -> Table:
    """A table without lines, or with one below its head."""
    from rich import box  # noqa: PLC0415 - as `console`
    from rich.table import Table  # noqa: PLC0415

    return Table(box=box.SIMPLE_HEAD if lined else None, **options)


def _fits(out: Console, table: Table) -> bool:
    """Whether every word has room; each column then has at least that of its longest word.

    Left to itself a table takes room from the widest columns, and cuts their words.
    """
    # A measure within the screen's width is never wider than that.
    endless = out.options.update(width=_ENDLESS)
    columns = [[str(column.header), *map(str, column.cells)] for column in table.columns]
    least = [
        max(len(word) for cell in cells for word in (cell.split() or [""])) for cells in columns
    ]
    most = [max(len(line) for cell in cells for line in cell.split("\n")) for cells in columns]
    left = out.width - out.measure(table, options=endless).maximum + sum(most) - sum(least)
    if left < 0:
        return False
    wanted = sorted(range(len(columns)), key=lambda i: most[i] - least[i])
    for rank, i in enumerate(wanted):
        # Who wants little gets it; the others share what is left.
        given = min(most[i] - least[i], left // (len(wanted) - rank))
        table.columns[i].width = least[i] + given
        left -= given
    return True


def _print_below_each_other(out: Console, table: Table, title: str) -> None:
    """Each row as a table of its own: a name and what is set, without cutting words."""
    if title:
        out.print(title, style="italic")
    named = [(str(column.header), list(column.cells)) for column in table.columns]
    for number in range(table.row_count):
        fields = _table(show_header=False, pad_edge=False)
        fields.add_column(style="bold", no_wrap=True)
        fields.add_column(overflow="fold")
        for name, cells in named:
            if cells[number]:
                fields.add_row(name, cells[number])
        out.print()
        out.print(fields)
    out.print()


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
    return str(value)


def _message_text(value: Message) -> str:
    if isinstance(value, Timestamp):
        return instant_text(value)
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, SendingWindow):
        return window_text(value)
    return ", ".join(f"{name} {text}" for name, text in _flat(value, []) if text)


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


def _flat(
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
            yield from _flat(value, lists, f"{path}{field.name}.")


def _columns_set(rows: Sequence[Message]) -> Iterable[str]:
    for field in rows[0].DESCRIPTOR.fields:
        if any(_texts(row, field) not in {"", "0"} for row in rows):
            yield field.name


def _at(message: Message, path: str) -> str:
    head, _, rest = path.partition(".")
    if rest:
        return _at(getattr(message, head), rest)
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
