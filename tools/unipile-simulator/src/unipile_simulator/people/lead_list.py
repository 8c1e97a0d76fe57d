"""Reads people from a lead list, whatever its header."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from unipile_simulator.people.people import public_identifier

_COLUMNS: dict[str, tuple[str, ...]] = {
    "first_name": ("firstname", "first", "givenname"),
    "last_name": ("lastname", "last", "surname", "familyname"),
    "name": ("name", "fullname", "leadname", "contactname"),
    "company": ("company", "companyname", "organization", "organisation", "employer"),
    "position": ("position", "title", "jobtitle", "role"),
    "headline": ("headline",),
    "location": ("location", "city"),
    "email": ("email", "emailaddress", "workemail"),
    "temperament": ("temperament",),
    "renamed_to": ("renamedto", "presentname", "newname"),
}
_IDENTIFIER_COLUMNS = ("publicid", "publicidentifier", "publicidentifer")


def read_leads(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Public identifier and what the row says about the person; rows without one are skipped."""
    text = _decode(path.read_bytes())
    lines = text.splitlines()
    if not lines:
        return
    delimiter = max(",;\t|", key=lines[0].count)
    for row in csv.DictReader(lines, delimiter=delimiter):
        cells = {
            _plain(header): (cell or "").strip()
            for header, cell in row.items()
            if isinstance(header, str) and not isinstance(cell, list)
        }
        public_id = _identifier(cells)
        if public_id:
            yield public_id, _facts(cells)


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16"):
        try:
            if encoding != "utf-16" or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
                return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _plain(header: str) -> str:
    return re.sub(r"[^a-z]", "", header.lower())


def _identifier(cells: dict[str, str]) -> str | None:
    for cell in cells.values():
        if "linkedin." in cell.lower() and "/in/" in cell.lower():
            start = cell.lower().index("/in/")
            return public_identifier(cell[start:].split()[0]) or None
    for header, cell in cells.items():
        if cell and (header in _IDENTIFIER_COLUMNS or "linkedin" in header):
            return public_identifier(cell) or None
    return None


def _facts(cells: dict[str, str]) -> dict[str, str]:
    facts = {
        name: cells[header]
        for name, headers in _COLUMNS.items()
        for header in headers
        if cells.get(header)
    }
    full = facts.pop("name", "")
    if full and "first_name" not in facts:
        facts["first_name"], _, last = full.partition(" ")
        if last:
            facts.setdefault("last_name", last)
    return facts
