"""Records of an Excel file (.xlsx) that arrives in pieces.

The file is an archive whose index stands at its end, so it is held whole, and every
measure of it is bounded before a cell is read: what it weighs, what it unpacks to, its rows and
columns. Entities in its XML are refused (`defusedxml`). Formulas are not computed: a cell says what
it said when the file was saved. Where cells lead is read by `links.py`.
"""

from __future__ import annotations

import io
import itertools
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from campaigns.leads.beginnings import Likeness
from campaigns.leads.csv_records import Record, RecordInvalid, TableUnreadable
from campaigns.leads.excel.bounds import MOST_ROWS, check_bounds
from campaigns.leads.excel.facts import SheetFacts, facts_of, merged_down
from campaigns.leads.excel.links import SheetLink, names_linkedin, sheet_links
from campaigns.leads.excel.sheets import check_choice, likeliest_of, why_left_out

LARGEST_FILE = 32 * 1024 * 1024
MOST_CELLS = 20_000_000
"""Those that are made count: empty ones before the last of a row, and what merged ones fill."""
_LOOKED_AT = 50
"""Records by which a sheet is known to hold people."""
_HIDDEN = "is hidden"
_BROKEN = (
    *(zipfile.BadZipFile, InvalidFileException, ParseError, DefusedXmlException, KeyError),
    *(ValueError, TypeError, AttributeError, IndexError, EOFError, NotImplementedError, OSError),
    *(RuntimeError, AssertionError, zipfile.LargeZipFile, zlib.error),
)
"""What a library may raise on an archive that somebody has made by hand."""


class WorkbookRecords:
    """Turns the bytes of a workbook into the records of one of its sheets.

    That is the first of those that can be seen and are the likeliest list by `likeness`, else the
    first that has anything (`sheets.py`). `left_out` says of each other sheet with rows why it is
    not read. `linked_columns` are those in which a cell leads to LinkedIn; a record
    knows where its cells lead.
    """

    encoding = "Excel"

    def __init__(self, likeness: Callable[[Sequence[Record]], Likeness]) -> None:
        self._content = io.BytesIO()
        self._likeness = likeness
        self.sheet = ""
        self.left_out: Mapping[str, str] = {}
        self.linked_columns: tuple[int, ...] = ()
        self.facts = SheetFacts(hidden_rows=0, uncomputed=0)

    def feed(self, chunk: bytes) -> Iterator[Record | RecordInvalid]:
        """Nothing yet; raises `TableUnreadable` if the file is too large to be held."""
        self._content.write(chunk)
        if self._content.tell() > LARGEST_FILE:
            raise TableUnreadable(f"The Excel file is larger than {LARGEST_FILE >> 20} MiB.")
        return iter(())

    def close(self) -> Iterator[Record | RecordInvalid]:
        """The records.

        Raises `TableUnreadable` if it is no workbook, unpacks beyond measure, or does not say for
        certain which sheet is meant.
        """
        try:
            with zipfile.ZipFile(self._content) as archive:
                check_bounds(archive)
                workbook = load_workbook(
                    self._content, read_only=True, data_only=True, keep_links=False
                )
                yield from self._chosen(archive, workbook)
        except TableUnreadable:
            raise
        except _BROKEN as error:
            raise TableUnreadable("The file is not an Excel workbook that can be read.") from error

    def _chosen(self, archive: zipfile.ZipFile, workbook: Workbook) -> Iterator[Record]:
        """The records of the sheet to be read, and before them why the others are not."""
        hidden: list[str] = []
        likeness: dict[str, Likeness] = {}
        likeliest: _Sheet | None = None
        for name in workbook.sheetnames:
            sheet = _Sheet(archive, workbook[name])
            if sheet.begin and workbook[name].sheet_state != "visible":
                hidden.append(name)
            elif sheet.begin:
                likeness[name] = self._likeness_of(sheet)
                # One is held at a time, for its links may be many.
                if likeliest_of(likeness) == name:
                    likeliest = sheet
        check_choice(likeness)
        if likeliest is None:
            if hidden:
                names = ", ".join(f"“{name[:40]}”" for name in hidden)
                raise TableUnreadable(f"The sheets that can be seen are empty; {names} is hidden.")
            return
        self.sheet = likeliest.name
        self.left_out = {
            name: _HIDDEN if name in hidden else why_left_out(name, self.sheet, likeness)
            for name in workbook.sheetnames
            if name != self.sheet and (name in hidden or name in likeness)
        }
        self.linked_columns = tuple(sorted({column - 1 for _, column in likeliest.links}))
        self.facts = facts_of(archive, likeliest.part)
        yield from likeliest.records

    def _likeness_of(self, sheet: _Sheet) -> Likeness:
        likeness = self._likeness(sheet.begin)
        # Links of rows behind those that were looked at lead to somebody all the same.
        return max(likeness, Likeness.PAGE) if sheet.links else likeness


class _Sheet:
    """One sheet: its links, and its records of which the first have been looked at."""

    def __init__(self, archive: zipfile.ZipFile, sheet: Any) -> None:
        self.name: str = sheet.title
        self.links: Mapping[tuple[int, int], SheetLink] = {}
        self.begin: list[Record] = []
        self.records: Iterator[Record] = iter(())
        if not hasattr(sheet, "reset_dimensions"):
            return  # a chart
        # What a file says of its own size is not to be trusted.
        sheet.reset_dimensions()
        self.part: str = sheet._worksheet_path  # noqa: SLF001 - said nowhere else
        self.links = sheet_links(archive, self.part)
        self._merged = merged_down(archive, self.part)
        self._spans: dict[int, tuple[int, str]] = {}
        self._cells = 0
        found = self._read(sheet)
        self.begin = list(itertools.islice(found, _LOOKED_AT))
        self.records = itertools.chain(self.begin, found)

    def _read(self, sheet: Any) -> Iterator[Record]:
        try:
            for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                self._count(line, len(values))
                record = self._record(line, values)
                if record is not None:
                    yield record
        except TableUnreadable:
            raise
        except _BROKEN as error:
            raise TableUnreadable("A sheet of the Excel file cannot be read.") from error

    def _count(self, line: int, cells: int) -> None:
        """Raise `TableUnreadable` if the sheet comes to more than may be read."""
        self._cells += cells
        if line > MOST_ROWS or self._cells > MOST_CELLS:
            raise TableUnreadable(
                f"The sheet has more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells."
            )

    def _record(self, line: int, values: Sequence[object]) -> Record | None:
        cells = [_text(value) for value in values]
        if self._merged:
            self._fill(line, cells)
        links = []
        for column in range(1, len(cells) + 1) if self.links else ():
            link = self.links.get((line, column))
            if link is None:
                continue
            # A formula that was never computed says nothing yet.
            cells[column - 1] = cells[column - 1] or link.text
            # An address that can be seen counts, and not the one behind it.
            if not names_linkedin(cells[column - 1]):
                links.append((column - 1, link.target))
        while cells and not cells[-1].strip():
            cells.pop()
        return Record(line=line, cells=tuple(cells), links=tuple(links)) if cells else None

    def _fill(self, line: int, cells: list[str]) -> None:
        """Say in each row what a cell says that goes down over several: it shows there as well."""
        for column, bottom in self._merged.get(line, ()):
            if column <= len(cells) and cells[column - 1]:
                self._spans[column] = bottom, cells[column - 1]
        if not any(cells):
            return
        for column, (bottom, text) in [*self._spans.items()]:
            if line > bottom:
                del self._spans[column]
                continue
            if column > len(cells):
                self._count(line, column - len(cells))
                cells += [""] * (column - len(cells))
            cells[column - 1] = cells[column - 1] or text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004  exact up to there
        return str(int(value))
    return str(value)
