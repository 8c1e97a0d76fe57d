"""What a sheet is beside what its cells say: rows it hides, formulas without a value, merged cells.

Looked for in the text of the sheet, which is read as it streams: the library says none of it where
it reads row by row.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from openpyxl.utils.cell import range_boundaries

from campaigns.leads.csv_records import TableUnreadable

_PIECE = 1024 * 1024
_BEGINS = re.compile(rb"<(?:\w+:)?(?:row|mergeCell)\b")
_NUMBER = re.compile(rb"<(?:\w+:)?row\b[^>]*?\sr=[\"'](\d{1,9})[\"']")
_HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=[\"'](?:1|true)[\"']")
# A link says what it leads to; what was computed to nothing is a text (`str`) without a letter.
_UNCOMPUTED = re.compile(
    rb"(?i)<(?:\w+:)?c\b(?![^>]*\bt=[\"']str)[^>]*>\s*"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>(?!\s*HYPERLINK)[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v\s*></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"'](\w{2,10}:\w{2,10})[\"']")
_MOST_MERGED = 250_000


@dataclass(frozen=True, kw_only=True)
class SheetFacts:
    """How many rows are hidden, and how many cells hold a formula that was never computed."""

    hidden_rows: int
    uncomputed: int


def facts_of(archive: zipfile.ZipFile, sheet: str) -> SheetFacts:
    """What is to be told of the whole sheet.

    Raises `TableUnreadable` if its rows are not in order: those that come too late are passed over.
    """
    hidden = uncomputed = last = 0
    for text in _whole_rows(archive, sheet):
        for number in map(int, _NUMBER.findall(text)):
            if number <= last:
                raise TableUnreadable(
                    f"Row {number} of the sheet stands behind row {last}: open the file in a"
                    " spreadsheet and save it."
                )
            last = number
        hidden += len(_HIDDEN.findall(text))
        uncomputed += len(_UNCOMPUTED.findall(text))
    return SheetFacts(hidden_rows=hidden, uncomputed=uncomputed)


def merged_down(archive: zipfile.ZipFile, sheet: str) -> Mapping[int, Sequence[tuple[int, int]]]:
    """Cells that go down over several rows: by the first row, each column and its last row."""
    found: dict[int, list[tuple[int, int]]] = {}
    count = 0
    for text in _whole_rows(archive, sheet):
        for reference in _MERGED.findall(text):
            try:
                left, top, _, bottom = (each or 0 for each in range_boundaries(reference.decode()))
            except ValueError:
                continue
            if bottom > top > 0 and count < _MOST_MERGED:
                count += 1
                found.setdefault(top, []).append((left, bottom))
    return found


def _whole_rows(archive: zipfile.ZipFile, sheet: str) -> Iterator[bytes]:
    """The sheet in pieces that end where a row, or behind them a merged cell, begins."""
    rest = b""
    with archive.open(sheet) as file:
        while piece := file.read(_PIECE):
            text = rest + piece
            *_, cut = 0, *(found.start() for found in _BEGINS.finditer(text))
            # Behind the last of them there is none to wait for.
            cut = cut or len(text)
            yield text[:cut]
            rest = text[cut:]
    yield rest
