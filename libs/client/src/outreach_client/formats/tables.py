"""Tables of messages: as wide as the screen, and never with a word cut."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from outreach_client.formats.fields import columns_set, text_at
from outreach_client.formats.shown import Format, is_terminal, shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_ENDLESS = 10_000
_LEAST_WIDTH = 20
"""Below which a screen is taken to say nothing of its width."""


def console() -> Console:
    """Standard output; as wide as it must be where nobody looks at it directly."""
    from outreach_client.formats.screen import Screen  # noqa: PLC0415 - dear, and not for --json, nor for help

    made = Screen(
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        # Bold and dim are written as colours are, for which not every reader of NO_COLOR is made.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
    if not is_terminal():
        made.width = _width_asked() or _ENDLESS
    elif made.width < _LEAST_WIDTH:
        made.width = _LEAST_WIDTH
    # A width that is set stays: left alone it is the screen's of the moment.
    return made


def _width_asked() -> int:
    """Of COLUMNS, by which a pipe has a width too; 0 without."""
    asked = os.environ.get("COLUMNS", "")
    return min(int(asked), _ENDLESS) if asked.isascii() and asked.isdigit() else 0


def print_table(
    out: Console, rows: Sequence[Message], columns: Sequence[str], title: str, *, whole: bool
) -> None:
    """One row each. Unless `whole`, columns at the end that have no room are left out, and named.

    What must be whole and does not fit stands below each other.
    """
    wide = shown().format is Format.WIDE
    if not columns or wide:
        columns = tuple(dict.fromkeys([*columns, *columns_set(rows)]))
    table = _filled(rows, columns, title)
    if fits(out, table, in_one_line=not (whole or wide)):
        out.print(table)
    elif whole or wide:
        _print_below_each_other(out, table, title)
    else:
        _print_what_fits(out, rows, columns, title)


def _print_what_fits(
    out: Console, rows: Sequence[Message], columns: Sequence[str], title: str
) -> None:
    for most in range(len(columns) - 1, 1, -1):
        table = _filled(rows, columns[:most], title)
        if fits(out, table, in_one_line=most > _ALWAYS):
            out.print(table)
            left_out = ", ".join(_heading(column) for column in columns[most:])
            out.print(f"Not shown: {left_out} (-o wide)", style="dim", soft_wrap=False)
            return
    _print_below_each_other(out, _filled(rows, columns, title), title)


_ALWAYS = 3
"""So many columns are worth a second line for a long name."""


def _filled(rows: Sequence[Message], columns: Sequence[str], title: str) -> Table:
    table = new_table(lined=True, title=title or None, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(_heading(column), overflow="fold")
    for row in rows:
        table.add_row(*(text_at(row, column) for column in columns))
    return table


def _heading(column: str) -> str:
    return column.rpartition(".")[2].replace("_", " ")


def new_table(*, lined: bool = False, **options: Any) -> Table:
    """A table without lines, or with one below its head."""
    from rich import box  # noqa: PLC0415 - as `console`
    from rich.table import Table  # noqa: PLC0415

    return Table(box=box.SIMPLE_HEAD if lined else None, **options)


def fits(out: Console, table: Table, *, in_one_line: bool = False) -> bool:
    """Whether every word has room, or every cell; then each column has that of its longest.

    Left to itself a table takes room from the widest columns, and cuts their words.
    """
    # A measure within the screen's width is never wider than that.
    endless = out.options.update(width=_ENDLESS)
    columns = [[str(column.header), *map(str, column.cells)] for column in table.columns]
    most = [max(len(line) for cell in cells for line in cell.split("\n")) for cells in columns]
    least = most if in_one_line else [_longest_word(cells) for cells in columns]
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


def _longest_word(cells: Iterable[str]) -> int:
    return max(len(word) for cell in cells for word in (cell.split() or [""]))


def _print_below_each_other(out: Console, table: Table, title: str) -> None:
    """Each row as a table of its own: a name and what is set, without cutting words."""
    if title:
        out.print(title, style="italic")
    named = [(str(column.header), list(column.cells)) for column in table.columns]
    for number in range(table.row_count):
        fields = new_table(show_header=False, pad_edge=False)
        fields.add_column(style="bold", no_wrap=True)
        fields.add_column(overflow="fold")
        for name, cells in named:
            if cells[number]:
                fields.add_row(name, cells[number])
        out.print()
        out.print(fields)
    out.print()
