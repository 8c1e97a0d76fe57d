"""Excel workbooks as lead lists."""
# ruff: noqa: DTZ001 - a workbook knows no time zones

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from campaigns.leads import workbook
from campaigns.leads.lead_list import LeadListReader, NotALeadList
from campaigns.models import Person
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook


def book(*sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of these sheets."""
    made = Workbook(write_only=True)
    for number, rows in enumerate(sheets, 1):
        sheet = made.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def read(content: bytes, *, size: int = 100_000) -> tuple[list[Person], LeadListReader]:
    reader = LeadListReader()
    found = []
    for i in range(0, len(content), size):
        found += reader.feed(content[i : i + size])
    found += reader.close()
    return [each for each in found if isinstance(each, Person)], reader


ROWS = [
    ["Exported on", date(2026, 11, 20)],
    [],
    ["Vorname", "Firma", "LinkedIn", "Seit", "Punkte"],
    ["Björn", "Looms", "https://www.linkedin.com/in/bjoern", datetime(2026, 1, 5), 7.0],
    ["Ada", None, "https://www.linkedin.com/in/ada", datetime(2026, 1, 5, 8, 30), 7.5],
]


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_workbook_is_a_list(size: int) -> None:
    """The first sheet that has anything is read like any table, in pieces of any size."""
    people, reader = read(book([], ROWS, [["other"]]), size=size)

    assert [(each.first_name, each.company) for each in people] == [("Björn", "Looms"), ("Ada", "")]
    told = [(each.variables["seit"], each.variables["punkte"]) for each in people]
    assert told == [("2026-01-05", "7"), ("2026-01-05 08:30:00", "7.5")]
    assert (reader.encoding, reader.sheet, reader.skipped) == ("Excel", "Sheet 2", 1)


@pytest.mark.parametrize("content", [book([]), book([["Name", "Email"], ["Ada", "x"]])])
def test_no_list(content: bytes) -> None:
    """A workbook without people is refused as a file of text would be."""
    with pytest.raises(NotALeadList):
        read(content)


def archive(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return content.getvalue()


def with_part(name: str, data: bytes) -> bytes:
    """A good workbook of which one part is another."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(ROWS))) as good,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for part in good.namelist():
            changed.writestr(part, data if part == name else good.read(part))
    return made.getvalue()


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">
<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize(
    "content",
    [
        archive(a=b"x"),
        b"PK\x03\x04 and no archive",
        book(ROWS)[:-200],
        with_part("xl/worksheets/sheet1.xml", ENTITIES),
        with_part("xl/worksheets/sheet1.xml", b"<worksheet"),
        with_part("xl/workbook.xml", b"<x/>"),
    ],
    ids=["archive", "no archive", "cut", "entities", "broken sheet", "no workbook"],
)
def test_what_is_no_workbook(content: bytes) -> None:
    """Other archives, cut files and XML that means harm are refused with a sentence."""
    with pytest.raises(NotALeadList):
        read(content)


def test_what_unpacks_beyond_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks to a large one is refused before it is unpacked."""
    monkeypatch.setattr(workbook, "LARGEST_UNPACKED", 1_000_000)
    bomb = with_part("xl/worksheets/sheet1.xml", b" " * 2_000_000)

    assert len(bomb) < 20_000
    with pytest.raises(NotALeadList, match="unpacks"):
        read(bomb)


def test_what_is_too_large_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond measure is refused while it arrives, and one of too many rows while read."""
    content = book(ROWS)
    monkeypatch.setattr(workbook, "LARGEST_FILE", 1_000)
    with pytest.raises(NotALeadList, match="larger"):
        read(content, size=100)
    monkeypatch.undo()
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with pytest.raises(NotALeadList, match="rows"):
        read(content)


@given(st.integers(0, 4_000), st.binary(max_size=8))
def test_no_damage_crashes(at: int, damage: bytes) -> None:
    """Whatever bytes of a workbook are others, it is read or refused."""
    content = book(ROWS)
    try:
        read(content[:at] + damage + content[at + len(damage) :])
    except NotALeadList:
        return


def test_where_a_link_leads() -> None:
    """A formula that links says where it leads; any other says what it said when it was saved."""
    content = book(
        [
            ["Name", "Profile", "Sum"],
            ["Ada", '=HYPERLINK("https://www.linkedin.com/in/ada","Ada")', "=1+1"],
            ["Bo", "https://www.linkedin.com/in/bo", 3],
        ]
    )

    people, _ = read(content)

    assert [each.public_identifier for each in people] == ["ada", "bo"]
    assert [each.variables["sum"] for each in people] == ["", "3"]
