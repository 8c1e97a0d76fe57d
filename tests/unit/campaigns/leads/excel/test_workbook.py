"""Excel workbooks as lead lists."""
# ruff: noqa: DTZ001 - a workbook knows no time zones

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from campaigns.leads.excel import bounds, links, workbook
from campaigns.leads.excel.facts import merged_down
from campaigns.leads.lead_list import LeadListReader, NotALeadList, RowNote
from campaigns.models import Person
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter


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


def with_part(name: str, data: bytes, *, of: bytes = b"") -> bytes:
    """A good workbook of which one part is another."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(of or book(ROWS))) as good,
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
    monkeypatch.setattr(bounds, "LARGEST_UNPACKED", 1_000_000)
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


def linked_book(*rows: Sequence[Any]) -> bytes:
    """A workbook where a cell that is a pair says the one and leads to the other."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append([cell[0] if isinstance(cell, tuple) else cell for cell in row])
        for column, cell in enumerate(row, 1):
            if isinstance(cell, tuple):
                sheet.cell(sheet.max_row, column).hyperlink = cell[1]
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
ADA = "https://www.linkedin.com/in/ada-quill"
BO = "https://www.linkedin.com/in/bo-reed?trk=x&y=1"
CY = "https://linkedin.com/in/cy"
COMPANY = "https://www.linkedin.com/company/looms"
SITE = "https://looms.example"


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ([["Name", "Firma"], [("Ada Quill", ADA), "Looms"], [("Bo Reed", BO), ""]], "Name (link)"),
        (
            [["Notes of May"], ["Name", "Firma"], [("Ada Quill", ADA), "x"], [("Bo Reed", BO)]],
            "Name (link)",
        ),
        (
            [["Name", "LinkedIn"], ["Ada Quill", ("View", ADA)], ["Bo Reed", ("View", BO)]],
            "LinkedIn (link)",
        ),
        ([[("Ada Quill", ADA), "Looms"], [("Bo Reed", BO), ""]], "Column 1 (link)"),
        (
            [
                ["Name", "Owner", "Company", "Site"],
                *(
                    [(name, to), ("Cy", CY), ("Looms", COMPANY), (SITE, SITE)]
                    for name, to in (("Ada Quill", ADA), ("Bo Reed", BO))
                ),
            ],
            "Name (link)",
        ),
    ],
    ids=["name", "notes", "view", "headerless", "others"],
)
def test_a_link_behind_a_cell_is_the_address(rows: list[Any], column: str) -> None:
    """A name that leads to its profile is both; where owners lead is nobody's address."""
    people, reader = read(linked_book(*rows))

    assert [(each.public_identifier, each.first_name) for each in people] == [
        ("ada-quill", "Ada"),
        ("bo-reed", "Bo"),
    ]
    assert reader.columns is not None
    assert reader.columns.linkedin_header == column


def test_the_address_that_can_be_seen_counts() -> None:
    """A cell that says an address and leads to another one is read as it says."""
    people, _ = read(linked_book(["Name", "LinkedIn"], ["Bo", (f"{BO}", ADA)]))

    assert [each.public_identifier for each in people] == ["bo-reed"]


def test_a_name_with_a_formula_that_links() -> None:
    """A formula says the name and leads to the person, computed or not."""
    content = book([["Name", "Firma"], [f'=HYPERLINK("{ADA}","Ada ""A"" Quill")', "Looms"]])

    people, _ = read(content)

    assert [(each.public_identifier, each.first_name, each.last_name) for each in people] == [
        ("ada-quill", "Ada", "Quill")
    ]


def test_links_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet with more links than can be held is refused, with a sentence."""
    monkeypatch.setattr(links, "MOST_LINKS", 1)

    with pytest.raises(NotALeadList, match="links"):
        read(linked_book(["Name"], [("Ada", ADA)], [("Bo", BO)]))


def sheets(**states: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook of sheets by name, each with its state."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, (state, rows) in states.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(list(row))
    made.active = next(i for i, s in enumerate(made.worksheets) if s.sheet_state == "visible")
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def told(content: bytes) -> tuple[list[str], list[str]]:
    """Whom a workbook names, and what is said of the whole list."""
    reader = LeadListReader()
    found = [*reader.feed(content), *reader.close()]
    people = [each.public_identifier for each in found if isinstance(each, Person)]
    return people, [
        each.description for each in found if isinstance(each, RowNote) and each.line == 0
    ]


LIST = [["Name", "LinkedIn"], ["Ada", ADA]]


def test_a_hidden_sheet_is_not_the_list() -> None:
    """What nobody sees is not imported; that, and every other sheet left out, is told."""
    old = [["Name", "LinkedIn"], ["Bo", BO]]
    content = sheets(
        old=("hidden", old),
        older=("veryHidden", old),
        cover=("visible", [["Leads of May"], ["Made by", "Cy"]]),
        empty=("visible", []),
        leads=("visible", LIST),
        more=("visible", old),
    )

    assert told(content) == (
        ["ada-quill"],
        [
            (
                "Only the sheet “leads” is read: “old” is hidden, “older” is hidden,"
                " “cover” names nobody at LinkedIn, “more” stands behind it."
            ),
        ],
    )


@pytest.mark.parametrize("before", [[["Owner", BO]], [["Name", "List of May"], ["Made by", BO]]])
def test_a_page_that_names_its_owner_is_not_the_list(before: list[list[str]]) -> None:
    """It stood before the list, and its owner was the only lead."""
    content = sheets(Info=("visible", before), Leads=("visible", LIST), more=("visible", LIST))

    assert told(content) == (
        ["ada-quill"],
        [
            (
                "Only the sheet “Leads” is read: “Info” names somebody and is no list,"
                " “more” stands behind it."
            ),
        ],
    )


SHORT = {
    "one column": [["LinkedIn"], [ADA]],
    "a header that is half known": [["Person", "LinkedIn"], ["Ada Quill", ADA]],
    "no header": [["Ada Quill", ADA]],
    "no header and an opaque name": [["A Q", ADA], ["Bo R", BO]],
    "the same header": LIST,
}


@pytest.mark.parametrize("rows", SHORT.values(), ids=SHORT)
@pytest.mark.parametrize(
    "name",
    [
        *("Do not contact", "Already contacted", "DNC", "Opt-outs 2026", "Suppression list"),
        *("Blacklist", "Nicht kontaktieren", "Sperrliste", "Bereits kontaktiert"),
        *("Not interested", "do_not_contact", "Excluded", "Unsubscribed", "Ne pas contacter"),
    ],
)
def test_people_who_are_left_alone_are_no_leads(rows: list[list[str]], name: str) -> None:
    """A short list was taken for a page, and those who must not be contacted for the leads."""
    others = [["Name", "LinkedIn URL"], *([f"Cy {i}", f"{ADA}-{i}"] for i in range(5))]
    leads = ("visible", rows)
    alone = ("visible", others)

    assert told(sheets(Leads=leads, **{name: alone}))[0][0] == "ada-quill"
    assert told(sheets(**{name: alone}, Leads=leads))[0][0] == "ada-quill"
    owner = ("visible", [["Owner", BO]])
    for others_alone in ({name: alone}, {"Info": owner, name: alone}, {name: alone, "Info": owner}):
        with pytest.raises(NotALeadList, match="not to be contacted"):
            read(sheets(**others_alone))


@pytest.mark.parametrize(
    "name", ["Not contacted yet", "Leads without opt-outs", "Exclusive", "Interested", "Options"]
)
def test_who_is_not_left_alone(name: str) -> None:
    """A sheet that says whom it does not have has leads."""
    assert told(sheets(**{name: ("visible", LIST)}))[0] == ["ada-quill"]


@pytest.mark.parametrize(
    "rows", [rows for name, rows in SHORT.items() if name != "no header and an opaque name"]
)
def test_no_list_is_preferred_over_the_first(rows: list[list[str]]) -> None:
    """However short the first is, and whatever stands behind it."""
    more = [["Name", "LinkedIn URL"], *([f"Cy {i}", f"{ADA}-{i}"] for i in range(9))]

    assert told(sheets(Leads=("visible", rows), More=("visible", more)))[0][0] == "ada-quill"


@pytest.mark.parametrize("rows", [[["A Q", BO]], [["Made by", "LinkedIn"], ["Cy", BO]]])
def test_which_sheet_is_meant_is_asked(rows: list[list[str]]) -> None:
    """Who stands before a list, and may be its owner or a lead, is neither by a guess."""
    with pytest.raises(NotALeadList, match="“Info” and “Leads” both name people"):
        read(sheets(Info=("visible", rows), Leads=("visible", LIST)))
    assert told(sheets(Leads=("visible", LIST), Info=("visible", rows)))[0] == ["ada-quill"]
    assert told(sheets(Info=("visible", rows)))[0] == ["bo-reed"]


def test_of_two_lists_the_first_is_read() -> None:
    """A longer one behind it is no better, with a header or without."""
    bare = [["Bo", BO], *(["x", f"{ADA}-{i}"] for i in range(9))]
    content = sheets(a=("visible", bare), b=("visible", [*LIST, *bare[1:], *bare[1:]]))

    assert told(content)[0][0] == "bo-reed"


def test_one_sheet_needs_no_word() -> None:
    """Where nothing is left out nothing is said."""
    assert told(sheets(leads=("visible", LIST), empty=("visible", []))) == (["ada-quill"], [])


def test_only_hidden_sheets() -> None:
    """A list that is hidden is refused by its name, and not imported unseen."""
    with pytest.raises(NotALeadList, match="“leads” is hidden"):
        read(sheets(leads=("hidden", LIST), empty=("visible", [])))


def test_hidden_rows_are_told() -> None:
    """A filter hides rows from who looks, and from nobody else: that they are read is told."""
    made = Workbook()
    sheet = made.worksheets[0]
    for row in (*LIST, ["Bo", BO], ["Cy", CY]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[4].hidden = True
    content = io.BytesIO()
    made.save(content)

    people, notes = told(content.getvalue())

    assert people == ["ada-quill", "bo-reed", "cy"]
    assert notes == ["2 rows that the sheet hides are read as all others."]


def test_a_formula_that_nobody_computed_is_told() -> None:
    """A script had written them: such rows were passed over without a word."""
    made = Workbook()
    for row in (*LIST, ['="B"&"o"', f'="{BO}"'], ["Cy", CY]):
        made.worksheets[0].append(row)
    content = io.BytesIO()
    made.save(content)

    people, notes = told(content.getvalue())

    assert people == ["ada-quill", "cy"]
    assert [note.partition(":")[0] for note in notes] == [
        "Cells whose formula was never computed say nothing (2)"
    ]


def test_a_cell_merged_down_counts_in_each_of_its_rows() -> None:
    """The company stands beside three people in one cell; the row below is none of theirs."""
    made = Workbook()
    sheet = made.worksheets[0]
    rows = [["Ada", "Looms", ADA], ["Bo", None, BO], ["Cy", None, CY], ["Dee", None, f"{CY}-dee"]]
    for row in (["First name", "Company", "LinkedIn"], *rows):
        sheet.append(row)
    sheet.merge_cells("B2:B4")
    content = io.BytesIO()
    made.save(content)

    people, _ = read(content.getvalue())

    assert [each.company for each in people] == ["Looms", "Looms", "Looms", ""]


def test_what_merged_cells_fill_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row of cells, each merged down to the last, made every row below it as wide: an hour."""
    monkeypatch.setattr(workbook, "MOST_CELLS", 1_000)
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.append(["Name", "LinkedIn", *map(str, range(98))])
    for number in range(20):
        sheet.append(["Ada", f"{ADA}-{number}"])
    content = io.BytesIO()
    made.save(content)
    merged = "".join(
        f"<mergeCell ref='{get_column_letter(i)}1:{get_column_letter(i)}1048576'/>"
        for i in range(3, 101)
    )
    with zipfile.ZipFile(content) as archive:
        text = archive.read(SHEET).decode()
    text = text.replace("</sheetData>", f"</sheetData><mergeCells>{merged}</mergeCells>")

    assert len(read(content.getvalue())[0]) == 20
    with pytest.raises(NotALeadList, match="cells"):
        read(with_part(SHEET, text.encode(), of=content.getvalue()))


@pytest.mark.lasts(seconds=2)
def test_merged_cells_that_begin_in_one_row_are_read_once() -> None:
    """Each was copied for the next one: a quarter of a million took minutes, and lost some."""
    merged = "<mergeCell ref='A1:A9'/>" * 250_000
    rows = f"<sheetData><row r='1'/></sheetData><mergeCells>{merged}</mergeCells>"
    sheet = f"<worksheet xmlns='{MAIN}'>{rows}</worksheet>"

    with zipfile.ZipFile(io.BytesIO(with_part(SHEET, sheet.encode()))) as made:
        found = merged_down(made, SHEET)

    assert len(found[1]) == 250_000


def test_rows_that_are_not_in_order_are_refused() -> None:
    """A program had written them: who stood too far down was passed over without a word."""
    cells = "".join(f"<c t='str'><v>{text}</v></c>" for text in ("Ada", ADA))
    head = "<c t='str'><v>Name</v></c><c t='str'><v>LinkedIn</v></c>"
    rows = f"<row r='2'>{head}</row><row r='3'>{cells}</row><row r='1'>{cells}</row>"
    sheet = f"<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>"

    with pytest.raises(NotALeadList, match="Row 1 of the sheet stands behind row 3"):
        read(with_part(SHEET, sheet.encode()))


def test_the_last_row_that_excel_has() -> None:
    """Somebody has touched a cell there, as happens: the list above it is read."""
    made = Workbook()
    for row in LIST:
        made.worksheets[0].append(row)
    made.worksheets[0].cell(1_048_576, 3).value = " "
    content = io.BytesIO()
    made.save(content)

    people, _ = read(content.getvalue())

    assert [each.public_identifier for each in people] == ["ada-quill"]


@pytest.mark.parametrize(
    ("part", "begins", "again", "ends"),
    [
        (SHEET, "<sheetData><row>", "<c/>", "</row></sheetData>"),
        (SHEET, "<sheetData/><extLst>", "<x/>", "</extLst>"),
        (SHEET, "<sheetData>", "<row/>", "</sheetData>"),
        (SHEET, "<sheetData><row><c t='str'><v>", "a" * 64, "</v></c></row></sheetData>"),
        (STYLES, "<extLst>", "<x/>", "</extLst>"),
        (STYLES, "<extLst>", "<row/>", "</extLst>"),
        (STYLES, "<extLst a='", " " * 64, "'/>"),
        ("xl/theme/theme1.xml", "<a>", "<a/>", "</a>"),
    ],
)
def test_what_is_held_at_once_is_bounded(part: str, begins: str, again: str, ends: str) -> None:
    """44 KiB of one row came to three gigabytes: the process died, and every call with it."""
    root = "styleSheet" if part == STYLES else "worksheet"
    times = 3_000_000 if len(again) < 64 else 200_000
    bomb = with_part(
        part, f"<{root} xmlns='{MAIN}'>{begins}{again * times}{ends}</{root}>".encode()
    )

    assert len(bomb) < 100_000
    with pytest.raises(NotALeadList, match="unpacks"):
        read(bomb)


@pytest.mark.lasts(seconds=10)
def test_what_is_named_as_two_things_is_held_to_the_stricter() -> None:
    """A sheet that is named as a chart too would be held as a whole."""
    rows = "<row><c/></row>" * 200_000
    wide = f"<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>"
    honest = with_part(SHEET, wide.encode())
    with zipfile.ZipFile(io.BytesIO(honest)) as made:
        named = made.read("xl/_rels/workbook.xml.rels").decode()
    chart = re.sub(
        r"<Relationship [^>]*worksheets/sheet1.xml[^>]*>",
        lambda found: found[0] + found[0].replace('/worksheet"', '/chartsheet"'),
        named,
    )
    assert chart != named

    with pytest.raises(NotALeadList, match="empty"):
        read(honest)
    with pytest.raises(NotALeadList, match="unpacks"):
        read(with_part("xl/_rels/workbook.xml.rels", chart.encode(), of=honest))
