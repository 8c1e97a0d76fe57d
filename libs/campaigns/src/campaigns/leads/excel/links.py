"""Where the cells of an Excel sheet lead, beside what they say.

A link stands behind a cell: as a formula in it, or in a list below all cells, whose targets stand
in a part of their own. All is read once, as it streams, and only where there is a link. What leads
elsewhere than to LinkedIn is left out.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, range_boundaries

from campaigns.leads.csv_records import TableUnreadable

MOST_LINKS = 250_000
_FORMULA = re.compile(r'(?i)\s*HYPERLINK\(\s*"([^"]+)"\s*(?:[,;]\s*"((?:[^"]|"")*)")?')
_TO_LINKEDIN = re.compile(r"(?i)\blinkedin\.com/")
_MOST_CELLS = 100
"""Of one range that leads somewhere; more is a whole column, and nobody."""
_PIECE = 1024 * 1024
_MENTIONED = re.compile(rb"(?i)hyperlink")
_OVERLAP = 16


def names_linkedin(text: str) -> bool:
    """Whether an address at LinkedIn stands in the text."""
    return _TO_LINKEDIN.search(text) is not None


@dataclass(frozen=True, kw_only=True)
class SheetLink:
    """Where a cell leads, and what a formula says there; empty for what the cell says itself."""

    target: str
    text: str = ""


def sheet_links(archive: zipfile.ZipFile, sheet: str) -> Mapping[tuple[int, int], SheetLink]:
    """The links to LinkedIn in this part of a workbook, by line and column, both from 1.

    Raises `TableUnreadable` if there are more than can be held.
    """
    if not _mentions_links(archive, sheet):
        return {}
    targets = _targets(archive, sheet)
    links: dict[tuple[int, int], SheetLink] = {}
    with archive.open(sheet) as file:
        for cell, link in _found(file, targets):
            if names_linkedin(link.target):
                links[cell] = link
            _check(links)
    return links


def _check(found: Sized) -> None:
    if len(found) > MOST_LINKS:
        raise TableUnreadable(f"The sheet has more than {MOST_LINKS:,} links.")


def _mentions_links(archive: zipfile.ZipFile, sheet: str) -> bool:
    end = b""
    with archive.open(sheet) as file:
        while piece := file.read(_PIECE):
            if _MENTIONED.search(end + piece):
                return True
            end = piece[-_OVERLAP:]
    return False


def _targets(archive: zipfile.ZipFile, sheet: str) -> Mapping[str, str]:
    """Where the sheet's links lead, by the id that it calls them by."""
    folder, name = posixpath.split(sheet)
    part = f"{folder}/_rels/{name}.rels"
    targets: dict[str, str] = {}
    if part not in archive.namelist():
        return targets
    with archive.open(part) as file:
        for element in _elements(file, {"Relationship"}):
            target = element.get("Target", "")
            if names_linkedin(target):
                targets[element.get("Id", "")] = target
                _check(targets)
    return targets


def _found(
    file: IO[bytes], targets: Mapping[str, str]
) -> Iterator[tuple[tuple[int, int], SheetLink]]:
    line = 0
    for element in _elements(file, {"row", "hyperlink"}):
        if _name(element) == "row":
            line = int(element.get("r") or line + 1)
            yield from _formulas(element, line)
            continue
        ids = (value for name, value in element.items() if name.endswith("}id"))
        target = targets.get(next(ids, ""))
        if target:
            link = SheetLink(target=target)
            yield from ((cell, link) for cell in _cells(element.get("ref", "")))


def _formulas(row: Element, line: int) -> Iterator[tuple[tuple[int, int], SheetLink]]:
    column = 0
    for cell in row:
        at = cell.get("r")
        column = column_index_from_string(coordinate_from_string(at)[0]) if at else column + 1
        formula = next((part.text for part in cell if _name(part) == "f"), None)
        found = _FORMULA.match(formula or "")
        if found:
            text = (found[2] or found[1]).replace('""', '"')
            yield (line, column), SheetLink(target=found[1], text=text)


def _cells(reference: str) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (each or 0 for each in range_boundaries(reference))
    if (right - left + 1) * (bottom - top + 1) <= _MOST_CELLS:
        for line in range(top, bottom + 1):
            yield from ((line, column) for column in range(left, right + 1))


def _elements(file: IO[bytes], names: set[str]) -> Iterator[Element]:
    """Each element of these names when it is whole; afterwards it is forgotten."""
    around: list[Element] = []
    for event, element in iterparse(file, events=("start", "end")):
        if event == "start":
            around.append(element)
            continue
        around.pop()
        if _name(element) in names:
            yield element
            if around:
                around[-1].remove(element)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
