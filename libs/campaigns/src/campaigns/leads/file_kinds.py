"""What a file is that is no lead list, and what to do with it, in words. Pure.

Uploads are what somebody had at hand: a report as PDF, a folder as an archive, an old table, a
web page with the ending `.xls`. Each is known by how it begins, never by its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection

LOOKED_AT = 1_024
"""Bytes by which a file is known."""
WORKBOOK_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
"""Of an archive, which an Excel file is, and of an empty one."""

_SAVE = "open it in a spreadsheet and save it as .xlsx or CSV"
_BZIP2 = "This is a compressed file (bzip2): unpack it, and import the list in it."
_BINARY = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        (
            "This is an old Excel file (.xls), or one with a password: open it and save it as"
            " an Excel workbook (.xlsx) without a password."
        ),
    ),
    (b"%PDF-", "This is a PDF, not a table: export the list as .xlsx or CSV where it comes from."),
    (b"\x1f\x8b", "This is a compressed file (gzip): unpack it, and import the list in it."),
    (b"7z\xbc\xaf\x27\x1c", "This is an archive (7z): unpack it, and import the list in it."),
    (b"Rar!\x1a\x07", "This is an archive (RAR): unpack it, and import the list in it."),
    *((b"BZh%d1AY&SY" % level, _BZIP2) for level in range(1, 10)),
    (b"\xfd7zXZ\0", "This is a compressed file (xz): unpack it, and import the list in it."),
    (
        b"\x28\xb5\x2f\xfd",
        "This is a compressed file (zstd): unpack it, and import the list in it.",
    ),
    (b"SQLite format 3\0", "This is a database (SQLite): export its table as CSV."),
    (b"PAR1\x15", "This is a Parquet file: export its table as CSV."),
    (b"{\\rtf", "This is a text document (RTF), not a table: export the list as .xlsx or CSV."),
    *(
        (start, "This is a picture, not a table: export the list as .xlsx or CSV.")
        for start in (b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
    ),
)
_TEXTS = (
    (
        r"<\?xml[^>]*>.*<(?:\w+:)?workbook\b",
        f"This is an Excel file of 2003 (XML): {_SAVE}.",
    ),
    (
        r"<!doctype html|<(?:html|head|body|table|meta|div|script)\b",
        (
            "This is a web page (HTML), whatever its name is; the tool may have asked to sign in"
            f" instead of exporting. If it shows the list, {_SAVE}."
        ),
    ),
    (
        r"<\?xml|<[a-z]\w*(?:\s[^<>]*)?>.*</",
        "This is XML, not a table: export the list as .xlsx or CSV.",
    ),
    (
        r'\{\s*"[^"]*"\s*:|\[\s*(?:\[\s*"|\{\s*"|"[^"]*"\s*,\s*")|[\[{]\s*[\]}]\s*$',
        "This is JSON, not a table: export the list as .xlsx or CSV.",
    ),
    (
        r"begin:vcard\r?\n(?:version|prodid|n|fn)\b",
        "These are contacts (vCard): export them as CSV.",
    ),
    (r"(?:insert\s+into|create\s+table)\b", "This is SQL, not a table: export the list as CSV."),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), say) for pattern, say in _TEXTS)
_ODS = b"mimetypeapplication/vnd.oasis.opendocument."
_ARCHIVES = (
    ("xl/workbook.bin", f"This is a binary Excel workbook (.xlsb): {_SAVE}."),
    ("word/document.xml", "This is a Word document, not a table: save the list as .xlsx or CSV."),
    ("ppt/presentation.xml", "This is a presentation, not a table: save the list as .xlsx or CSV."),
    ("Index/Document.iwa", "This is a Numbers document: export it as Excel (.xlsx) or CSV."),
)


def refusal(head: bytes) -> str:
    """What a file that begins so is instead of a list, and what to do; empty if it may be one."""
    for start, say in _BINARY:
        if head.startswith(start):
            return say
    if _ODS in head[:200]:
        return f"This is an OpenDocument file (.ods): {_SAVE}."
    # Text of any encoding: what stands between its letters is NUL, what stands before is a mark.
    text = head.replace(b"\0", b"").decode("ascii", "ignore").lstrip()
    return next((say for pattern, say in _PATTERNS if pattern.match(text)), "")


def archive_refusal(names: Collection[str]) -> str:
    """What an archive of these files is, that is no Excel workbook; empty if it is one."""
    for name, say in _ARCHIVES:
        if name in names:
            return say
    if any(name.startswith("xl/") for name in names):
        return ""
    shown = ", ".join(f"“{name[:60]}”" for name in list(names)[:3] if name.isprintable())
    return (
        f"This is an archive (zip) of {shown or 'nothing'}: unpack it, and import the list in it."
    )
