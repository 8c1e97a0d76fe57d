"""Records of an Excel file (.xlsx) that arrives in pieces.

The file is an archive whose index stands at its end, so it is held whole, and every
measure of it is bounded before a cell is read: what it weighs, what it unpacks to, its rows and
columns. Entities in its XML are refused (`defusedxml`), formulas are not computed.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from campaigns.leads.csv_records import Record, RecordInvalid, TableUnreadable

SIGNATURE = b"PK\x03\x04"
LARGEST_FILE = 32 * 1024 * 1024
LARGEST_UNPACKED = 400 * 1024 * 1024
MOST_ROWS = 1_000_000
MOST_CELLS = 20_000_000
"""Empty ones before the last of a row count, for they are made."""
_MOST_FILES = 2_000
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
        except TableUnreadable:
            raise
        except _BROKEN as error:
            raise TableUnreadable("The file is not an Excel workbook that can be read.") from error
        names = list(workbook.sheetnames)
        for number, name in enumerate(names):
            found = self._records(workbook, name)
            first = next(found, None)
            if first is not None:
                self.sheet = name
                self.sheets_left_out = tuple(names[number + 1 :])
                yield first
                yield from found
                return

    def _records(self, workbook: object, name: str) -> Iterator[Record]:
        try:
            sheet = workbook[name]  # type: ignore[index]
            if not hasattr(sheet, "reset_dimensions"):
                return
            # What a file says of its own size is not to be trusted.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True)
            for line, values in enumerate(_bounded(rows), 1):
                cells = tuple(map(_text, values))
                while cells and not cells[-1].strip():
                    cells = cells[:-1]
                if cells:
                    yield Record(line=line, cells=cells)
        except TableUnreadable:
            raise
        except _BROKEN as error:
            raise TableUnreadable("A sheet of the Excel file cannot be read.") from error


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
