"""What is uploaded instead of a lead list."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from campaigns.leads.file_kinds import refusal
from campaigns.leads.lead_list import LeadListReader, NotALeadList
from hypothesis import given
from hypothesis import strategies as st


def archive(*names: str, mimetype: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        if mimetype:
            made.writestr("mimetype", mimetype)
        for name in names:
            made.writestr(name, "x")
    return content.getvalue()


def read(content: bytes, size: int) -> None:
    reader = LeadListReader()
    for i in range(0, len(content), size):
        list(reader.feed(content[i : i + size]))
    list(reader.close())


ODS = archive("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet")
LIST = "First Name,LinkedIn URL\nAda,https://www.linkedin.com/in/ada\n"


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (b'[{"name": "Ada"}]', "JSON", "CSV"),
        (b'\xef\xbb\xbf{\n  "leads": []}', "JSON", "CSV"),
        (b'{"name": "Ada"}\n{"name": "Bo"}\n', "JSON", "CSV"),
        ('{"name": "Ada"}'.encode("utf-16"), "JSON", "CSV"),
        (b"[]", "JSON", "CSV"),
        (b"<!DOCTYPE html><html><body>Sign in", "HTML", ".xlsx"),
        (b"\r\n <table><tr><td>Name</td></tr></table>", "HTML", ".xlsx"),
        (b'<?xml version="1.0"?><?mso-application?><Workbook>', "Excel file of 2003", ".xlsx"),
        (b'<?xml version="1.0"?><leads/>', "XML", "CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), ".xls", ".xlsx"),
        (ODS, ".ods", ".xlsx"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF", ".xlsx"),
        (archive("leads.csv", "notes.txt"), "zip", "“leads.csv”"),
        (archive(), "zip", "nothing"),
        (archive("[Content_Types].xml", "word/document.xml"), "Word", ".xlsx"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "presentation", ".xlsx"),
        (archive("[Content_Types].xml", "xl/workbook.bin"), ".xlsb", ".xlsx"),
        (archive("Index/Document.iwa"), "Numbers", ".xlsx"),
        (gzip.compress(LIST.encode(), mtime=0), "gzip", "unpack"),
        (b"7z\xbc\xaf\x27\x1c", "7z", "unpack"),
        (b"Rar!\x1a\x07\x01", "RAR", "unpack"),
        (b"\x89PNG\r\n\x1a\n\0", "picture", ".xlsx"),
        (b"{\\rtf1\\ansi Name", "RTF", ".xlsx"),
        (b"SQLite format 3\0", "SQLite", "CSV"),
        (b"PAR1\x15\0", "Parquet", "CSV"),
        (b"BEGIN:VCARD\r\nVERSION:3.0", "vCard", "CSV"),
        (b"INSERT INTO leads VALUES (1)", "SQL", "CSV"),
    ],
)
@pytest.mark.parametrize("size", [3, 10_000])
def test_what_it_is_and_what_to_do(content: bytes, what: str, remedy: str, size: int) -> None:
    """A file that is no list is refused by what it is, with what to do, in pieces of any size."""
    with pytest.raises(NotALeadList) as refused:
        read(content, size)

    assert what in str(refused.value)
    assert remedy in str(refused.value)


@pytest.mark.parametrize(
    "begin",
    [
        "",
        "[Exported on Monday]\n",
        '"[1] first export, ""all"""\n',
        "{{list}}\n",
        "<b@x.example> asked for it\n",
        "PKW-Flotte\n",
        "Insert names below\n",
        "% of leads\n",
    ],
)
def test_a_list_is_a_list(begin: str) -> None:
    """Notes that begin with brackets or the words of other files leave a list a list."""
    assert refusal((begin + LIST).encode()) == ""


@given(st.text(st.characters(categories=["L", "N", "Zs"]), max_size=200))
def test_words_are_never_refused(text: str) -> None:
    """Letters, digits and spaces begin no other kind of file."""
    assert refusal(f"Names {text}".encode()) == ""
