"""How answers are shown: as tables for people, as messages for programs.

What is shown follows the contract: a field added there is shown here.
"""

from collections.abc import Iterable, Sequence

from google.protobuf.message import Message
from outreach.common.v1.on_the_wire_pb2 import OnTheWire

from outreach_client.formats.fields import flat
from outreach_client.formats.machine import print_message
from outreach_client.formats.tables import console, new_table, print_table
from outreach_client.formats.times import instant_text

__all__ = [
    "console",
    "print_answer",
    "print_details",
    "print_json",
    "print_on_the_wire",
    "print_rows",
    "print_sentence",
    "print_text",
]


def print_sentence(text: str) -> None:
    """Words in a line; on a terminal as many lines as they need, parted between words."""
    out = console()
    out.print(text, soft_wrap=not out.is_terminal)


def print_text(text: str) -> None:
    """Lines as they are."""
    console().print(text, markup=False, highlight=False, soft_wrap=True)


def print_json(message: Message, *, one_line: bool = False) -> None:
    """The message for a program: by the protobuf JSON mapping unless `--output` says otherwise."""
    print_message(message, one_line=one_line)


def print_details(message: Message, title: str = "") -> None:
    """One thing: its fields below each other, its lists as tables."""
    out = console()
    fields = new_table(show_header=False, pad_edge=False, title=title or None)
    fields.add_column(style="bold")
    fields.add_column(overflow="fold")
    lists: list[tuple[str, Sequence[Message]]] = []
    for label, value in flat(message, lists):
        fields.add_row(label, value)
    out.print(fields)
    for name, rows in lists:
        out.print()
        print_rows(rows, title=name)


def print_answer(answer: Message, told: Message, *, as_json: bool) -> None:
    """An answer as it is for a program; for people what it tells of."""
    if as_json:
        print_json(answer)
    else:
        print_details(told)


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

    Of a list without a title columns at the end may be left out where there is no room; of what has
    one, which is a part of an answer, the fields of a row then stand below each other.
    """
    rows = list(rows)
    out = console()
    if rows:
        print_table(out, rows, columns, title, whole=bool(title) or not columns)
    else:
        out.print(f"{title}: {empty}" if title else empty)
    # A page that has found nothing may have one after it.
    if next_page_token:
        out.print(f"More: --all, --limit N, or --page-token {next_page_token}")
    if next_sync_token:
        out.print(f"What changes from here on: --sync-token {next_sync_token}")
