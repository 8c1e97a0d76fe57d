"""Records of an Excel file (.xlsx) that arrives in pieces.

The file is an archive whose index stands at its end, so it is held whole, and every
measure of it is bounded before a cell is read: what it weighs, what it unpacks to, its rows and
columns. Entities in its XML are refused (`defusedxml`). Formulas are not computed: a cell says what
it said when the file was saved, but for a link, which says where it leads.
"""

from __future__ import annotations

import io
import itertools
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from campaigns.leads.csv_records import Record, RecordInvalid, TableUnreadable

SIGNATURE = b"PK\x03\x04"
LARGEST_FILE = 32 * 1024 * 1024
LARGEST_UNPACKED = 400 * 1024 * 1024
MOST_ROWS = 1_000_000
MOST_CELLS = 20_000_000
"""Empty ones before the last of a row count, for they are made."""
_MOST_FILES = 2_000
_LINK = b"HYPERLINK("
_PIECE = 1024 * 1024
_BROKEN = (
    *(zipfile.BadZipFile, InvalidFileException, ParseError, DefusedXmlException, KeyError),
    *(ValueError, TypeError, AttributeError, IndexError, EOFError, NotImplementedError, OSError),
    *(RuntimeError, AssertionError, zipfile.LargeZipFile, zlib.error),
)
"""What a library may raise on an archive that somebody has made by hand."""


class WorkbookRecords:
    """Turns the bytes of a workbook into the records of its first sheet that has any."""

    encoding = "Excel"

    def __init__(self) -> None:
        self._content = io.BytesIO()
        self.sheet = ""
        self.sheets_left_out: tuple[str, ...] = ()

    def feed(self, chunk: bytes) -> Iterator[Record | RecordInvalid]:
        """Nothing yet; raises `TableUnreadable` if the file is too large to be held."""
        self._content.write(chunk)
        if self._content.tell() > LARGEST_FILE:
            raise TableUnreadable(f"The Excel file is larger than {LARGEST_FILE >> 20} MiB.")
        return iter(())

    def close(self) -> Iterator[Record | RecordInvalid]:
        """The records; raises `TableUnreadable` if it is no workbook or unpacks beyond measure."""
        try:
            _check_size(self._content)
            workbook = load_workbook(self._content, read_only=True, data_only=True)
            formulas = (
                load_workbook(self._content, read_only=True) if _has_links(self._content) else None
            )
        except TableUnreadable:
            raise
        except _BROKEN as error:
            raise TableUnreadable("The file is not an Excel workbook that can be read.") from error
        names = list(workbook.sheetnames)
        for number, name in enumerate(names):
            found = _records(workbook, formulas, name)
            first = next(found, None)
            if first is not None:
                self.sheet = name
                self.sheets_left_out = tuple(names[number + 1 :])
                yield first
                yield from found
                return


def _records(workbook: Workbook, formulas: Workbook | None, name: str) -> Iterator[Record]:
    try:
        rows = _rows(workbook, name)
        linked = _rows(formulas, name) if formulas is not None else itertools.repeat(())
        for line, (values, links) in enumerate(zip(rows, linked, strict=False), 1):
            cells = tuple(
                _text(link if _is_link(link) else value)
                for value, link in itertools.zip_longest(values, links)
            )
            while cells and not cells[-1].strip():
                cells = cells[:-1]
            if cells:
                yield Record(line=line, cells=cells)
    except TableUnreadable:
        raise
    except _BROKEN as error:
        raise TableUnreadable("A sheet of the Excel file cannot be read.") from error


def _rows(workbook: Workbook, name: str) -> Iterator[tuple[object, ...]]:
    sheet: Any = workbook[name]
    if not hasattr(sheet, "reset_dimensions"):
        # A sheet that is a chart.
        return iter(())
    # What a file says of its own size is not to be trusted.
    sheet.reset_dimensions()
    return _bounded(sheet.iter_rows(values_only=True))


def _is_link(formula: object) -> bool:
    return isinstance(formula, str) and formula.upper().startswith("=HYPERLINK(")


def _has_links(content: io.BytesIO) -> bool:
    """Whether any sheet has a formula that links; few have, and to read them takes its time."""
    with zipfile.ZipFile(content) as archive:
        return any(
            _LINK in part
            for name in archive.namelist()
            if name.startswith("xl/worksheets/")
            for part in _parts(archive, name)
        )


def _parts(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A file of the archive in overlapping pieces."""
    end = b""
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            yield end + piece
            end = piece[-len(_LINK) :]


def _check_size(content: io.BytesIO) -> None:
    with zipfile.ZipFile(content) as archive:
        files = archive.infolist()
        if len(files) > _MOST_FILES or sum(each.file_size for each in files) > LARGEST_UNPACKED:
            raise TableUnreadable("The Excel file unpacks to more than can be read.")


def _bounded(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    cells = 0
    for number, row in enumerate(rows):
        cells += len(row)
        if number == MOST_ROWS or cells > MOST_CELLS:
            raise TableUnreadable(
                f"The sheet has more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells."
            )
        yield row


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
