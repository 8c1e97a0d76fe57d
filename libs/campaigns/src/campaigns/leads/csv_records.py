"""Records of a CSV file that arrives in pieces. Pure.

Comma, semicolon, tab or bar, whichever parts most lines alike, or what a line `sep=` says;
quoted cells may hold newlines. A quote that is never closed costs the line it is on, not
the rest of the file. `encodings.py` makes text of the bytes.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from campaigns.leads.encodings import Decoding
from campaigns.leads.headers import is_known

LONGEST_RECORD = 200_000
MOST_LINES_IN_RECORD = 200

_NOT_TEXT = re.compile("[\0\udc80-\udcff\ufffd]")
_DELIMITERS = ",;\t|"
_NOTHING = " \r\n" + "".join(_DELIMITERS)
_SEPARATOR_LINE = re.compile(r'(?i)"?sep=(.)"?\s*')
_LOOKED_AT = 300
"""Lines by which the delimiter is chosen."""
_LONGEST_HEADER = 5_000
LONGEST_VALUE = 5_000


class TableUnreadable(ValueError):
    """The bytes are not a table of text."""


class Record(NamedTuple):
    """The cells of one record, and the line on which it begins, from 1.

    `links` are the cells, by their index from 0, that lead to an address they do not say.
    """

    line: int
    cells: tuple[str, ...]
    links: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecordInvalid:
    """A record that cannot be read, and why."""

    line: int
    reason: str
    description: str


class Misshape(NamedTuple):
    """Why a record is no row of a table, and at which column."""

    column: str
    reason: str
    description: str


def misshape_of(record: Record, headers: Sequence[str]) -> Misshape | None:
    """What keeps a record from being a row below these headers; None if nothing does."""
    cells = record.cells
    if len(cells) > len(headers) and any(cell.strip() for cell in cells[len(headers) :]):
        told = (
            f"The row has {len(cells)} cells, the header {len(headers)}; a value with the separator"
            " in it needs quotes."
        )
        return Misshape(headers[-1], "ROW_TOO_LONG", told)
    if max(map(len, cells), default=0) <= LONGEST_VALUE:
        return None
    for header, cell in zip(headers, cells, strict=False):
        if len(cell) > LONGEST_VALUE:
            told = f"The value is longer than {LONGEST_VALUE:,} characters."
            return Misshape(header, "VALUE_TOO_LONG", told)
    return None


class CsvRecords:
    """Turns bytes into records; blank lines are no records."""

    def __init__(self) -> None:
        self._decoding = Decoding()
        self._rest = ""
        self._next_line = 1
        self._waiting: deque[str] = deque()
        self._held: list[str] = []
        self._held_size = 0
        self._inside_quotes = False
        self._delimiter = ""

    @property
    def encoding(self) -> str:
        """What the text was found to be encoded in."""
        return self._decoding.name

    def feed(self, chunk: bytes) -> Iterator[Record | RecordInvalid]:
        """The records that are complete with this piece."""
        return self._take(self._decoding.decode(chunk, final=False), final=False)

    def close(self) -> Iterator[Record | RecordInvalid]:
        """What is left once the file has ended."""
        return self._take(self._decoding.decode(b"", final=True), final=True)

    def _take(self, text: str, *, final: bool) -> Iterator[Record | RecordInvalid]:
        lines = (self._rest + text).split("\n")
        self._rest = "" if final else lines.pop()
        if final and not lines[-1]:
            lines.pop()
        if len(self._rest) > LONGEST_RECORD:
            raise TableUnreadable("The file has a line that is too long to be a row.")
        self._waiting.extend(lines)
        if not self._delimiter:
            if len(self._waiting) < _LOOKED_AT and not final:
                return
            self._delimiter = _delimiter_of(self._waiting)
        while self._waiting or (final and self._held):
            if not self._waiting:
                yield self._give_up("A quote is opened on this line and never closed.")
                continue
            line = self._waiting.popleft()
            if self._held or self._next_line == 1 or not _is_plain(line):
                yield from self._line(line)
                continue
            cells = tuple(line.split(self._delimiter))
            self._next_line += 1
            if cells[0].strip() or any(cell.strip() for cell in cells):
                yield Record(line=self._next_line - 1, cells=cells)

    def _line(self, line: str) -> Iterator[Record | RecordInvalid]:
        if not self._held and not line.strip():
            self._next_line += 1
            return
        if self._next_line == 1 and not self._held and _SEPARATOR_LINE.fullmatch(line):
            self._next_line += 1
            return
        self._held.append(line)
        self._held_size += len(line)
        self._inside_quotes = _ends_inside_quotes(line, self._delimiter, inside=self._inside_quotes)
        if not self._inside_quotes:
            record = self._record()
            if record is not None:
                yield record
        elif self._held_size > LONGEST_RECORD or len(self._held) > MOST_LINES_IN_RECORD:
            yield self._give_up("A quote is opened on this line and not closed soon.")

    def _record(self) -> Record | RecordInvalid | None:
        """The record that the held lines make; None if all of its cells are blank."""
        text = "\n".join(self._held)
        line = self._next_line
        self._next_line += len(self._held)
        self._held.clear()
        self._held_size = 0
        if not _is_text(text):
            if line == 1:
                raise TableUnreadable("The file is not text in UTF-8.")
            return RecordInvalid(
                line=line,
                reason="TEXT_UNREADABLE",
                description="The row has characters that are not UTF-8; save the file as UTF-8.",
            )
        if len(text) > LONGEST_RECORD:
            return RecordInvalid(
                line=line, reason="ROW_TOO_LONG", description="The row is too long."
            )
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error:
            return RecordInvalid(
                line=line, reason="ROW_TOO_LONG", description="A cell of the row is too long."
            )
        if not any(cell.strip() for cell in cells):
            return None
        return Record(line=line, cells=tuple(cells))

    def _give_up(self, description: str) -> RecordInvalid:
        """Tell the first held line as bad and read the others again, as lines of their own."""
        line = self._next_line
        self._next_line += 1
        self._waiting.extendleft(reversed(self._held[1:]))
        self._held.clear()
        self._held_size = 0
        self._inside_quotes = False
        return RecordInvalid(line=line, reason="QUOTE_UNCLOSED", description=description)


def _is_text(text: str) -> bool:
    return (text.isascii() and "\0" not in text) or _NOT_TEXT.search(text) is None


def _is_plain(line: str) -> bool:
    """Whether the separators alone part a line, as they do most lines."""
    return '"' not in line and len(line) <= LONGEST_RECORD and _is_text(line)


def _delimiter_of(lines: Sequence[str] | deque[str]) -> str:
    """The separator that a line names, that makes a header, or that parts most lines alike."""
    head = [line for line in list(lines)[:_LOOKED_AT] if line.strip()]
    named = _SEPARATOR_LINE.fullmatch(head[0]) if head else None
    if named is not None:
        return named[1]
    # A line of separators alone says nothing.
    head = [line for line in head if line.strip(_NOTHING)]
    unquoted = ["".join(line.split('"')[::2]) for line in head]
    return max(
        _DELIMITERS,
        key=lambda delimiter: (_headers(head, delimiter), _evenness(unquoted, delimiter)),
    )


def separator_within(rows: Sequence[Sequence[str]]) -> str:
    """What parts the cells of a table that stands in a single column; empty for any other.

    A program that took it for text has put each line into one cell.
    """
    lines = [row[0] for row in rows if row]
    if not lines or any(len(row) > 1 for row in rows):
        return ""
    separator = _delimiter_of(lines)
    return separator if _headers(lines, separator) else ""


def parted(record: Record, separator: str) -> Record:
    """The record with the cells that stand in its only one."""
    if len(record.cells) != 1:
        return record
    try:
        cells = next(csv.reader([record.cells[0]], delimiter=separator), [])
    except csv.Error:
        # A cell of it is too long for any value.
        return record
    return Record(line=record.line, cells=tuple(cells), links=record.links)


def _headers(lines: Sequence[str], delimiter: str) -> int:
    """How many cells of a line read like headers, where at least two do.

    A short list may have more lines of notes before it than of its own.
    """
    known = (
        sum(is_known(cell.strip(' "')) for cell in line.split(delimiter))
        for line in lines
        if len(line) <= _LONGEST_HEADER and delimiter in line
    )
    return max((count for count in known if count > 1), default=0)


def _evenness(lines: Sequence[str], delimiter: str) -> int:
    counts = Counter(found for line in lines if (found := line.count(delimiter)))
    return max((count * lines for count, lines in counts.items()), default=0)


def _ends_inside_quotes(line: str, delimiter: str, *, inside: bool) -> bool:
    """Whether a quoted cell is still open where the line ends.

    As in every reader of CSV, a quote opens a cell only at its beginning.
    """
    if '"' not in line:
        return inside
    position = 0
    while True:
        if not inside and line.startswith('"', position):
            inside = True
            position += 1
        if inside:
            position = _closing_quote(line, position)
            if position < 0:
                return True
            inside = False
        position = line.find(delimiter, position) + 1
        if position == 0:
            return False


def _closing_quote(line: str, position: int) -> int:
    """The position after the quote that closes the cell; -1 if the line has none."""
    while True:
        quote = line.find('"', position)
        if quote < 0:
            return -1
        if not line.startswith('"', quote + 1):
            return quote + 1
        position = quote + 2
