"""A list of suppressions as people have it: a table in a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from servicekit.tables import total

from linkedin_gateway.errors import SuppressionListUnreadable
from linkedin_gateway.models.identifier import identifier_of
from linkedin_gateway.models.suppression_keys import Subject, spelling_of

LARGEST = 32 * 1024 * 1024
_DELIMITERS = ",;\t|"
_LONGEST = 500

_HEADINGS: Mapping[Subject, str] = total(
    Subject,
    {
        Subject.PERSON: """linkedin linkedinurl linkedinprofile linkedinprofileurl linkedinid
            profile profileurl profil publicidentifier publicid person personlinkedinurl url""",
        Subject.EMAIL: "email emailaddress mail workemail emailadresse",
        Subject.EMAIL_DOMAIN: "domain emaildomain companydomain website",
        Subject.COMPANY: "company companyname organization organisation account firma empresa",
    },
)
"""How columns are headed, without case and punctuation."""


@dataclass(frozen=True, kw_only=True)
class RowError:
    """A row that names nobody."""

    line: int
    description: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Whom a list names, and the rows that cannot be read."""

    rows: int
    named: Sequence[tuple[Subject, str]]
    errors: Sequence[RowError]


async def collected(content: AsyncIterator[bytes]) -> bytes:
    """A file from its pieces.

    Raises `SuppressionListUnreadable` when it is larger than any list of people.
    """
    pieces, size = [], 0
    async for piece in content:
        size += len(piece)
        if size > LARGEST:
            raise SuppressionListUnreadable(f"The list is larger than {LARGEST} bytes.")
        pieces.append(piece)
    return b"".join(pieces)


def read_list(content: bytes) -> Listed:
    """Read a table with a header; which character parts its columns is found out.

    A row names a person where it can: by profile, by e-mail address, or by both. Its domain
    or its company counts only when it names no person, so that a list of people does not
    silence whole companies.

    Raises `SuppressionListUnreadable` when no column is known, or it is not a table of text.
    """
    text = _decoded(content)
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=lambda each: (len(_columns(header, each)), header.count(each)))
    columns = _columns(header, delimiter)
    if not columns:
        raise SuppressionListUnreadable(
            "No column is headed as a profile, an e-mail address, a domain or a company."
        )
    return _read(text, delimiter, columns)


def _read(text: str, delimiter: str, columns: Mapping[Subject, int]) -> Listed:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = 0
    named: list[tuple[Subject, str]] = []
    errors: list[RowError] = []
    try:
        next(reader, None)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows += 1
                found, wrong = _named(cells, columns)
                named += found
                if wrong:
                    errors.append(RowError(line=line, description=wrong))
            line = reader.line_num + 1
    except csv.Error as error:
        raise SuppressionListUnreadable(f"Line {reader.line_num}: {error}.") from error
    return Listed(rows=rows, named=named, errors=errors)


def _named(
    cells: Sequence[str], columns: Mapping[Subject, int]
) -> tuple[list[tuple[Subject, str]], str]:
    """Whom a row names, or why it names nobody."""
    given = {
        subject: cells[at].strip()
        for subject, at in columns.items()
        if at < len(cells) and cells[at].strip()
    }
    wanted = given.keys() & _PEOPLE or given.keys()
    if not wanted:
        return [], "The row names nobody."
    found: list[tuple[Subject, str]] = []
    # A domain and a company in one row are the same company: both count.
    for subject in sorted(wanted):
        label = _label(subject, given[subject])
        if not label:
            return [], f"{given[subject][:100]!r} is no {_CALLED[subject]}."
        found.append((subject, label))
    return found, ""


def _label(subject: Subject, text: str) -> str:
    """What a cell names; empty if nothing that can be suppressed."""
    if len(text) > _LONGEST:
        return ""
    match subject:
        case Subject.PERSON:
            text = identifier_of(text)
        case Subject.EMAIL_DOMAIN:
            text = re.sub(r"^https?://(www\.)?|[/?#].*$", "", text, flags=re.IGNORECASE)
            text = "" if "@" in text[1:] else text
        case Subject.EMAIL | Subject.COMPANY:
            pass
        case _:
            assert_never(subject)
    return text if spelling_of(subject, text) else ""


_PEOPLE = frozenset({Subject.PERSON, Subject.EMAIL})
_CALLED = total(
    Subject,
    {
        Subject.PERSON: "address of a profile",
        Subject.EMAIL: "e-mail address",
        Subject.EMAIL_DOMAIN: "domain",
        Subject.COMPANY: "company",
    },
)


def _columns(header: str, delimiter: str) -> dict[Subject, int]:
    """Which column holds what."""
    names = next(csv.reader([header.rstrip("\r")], delimiter=delimiter), [])
    found: dict[Subject, int] = {}
    for at, name in enumerate(names):
        plain = re.sub(r"[\W_]+", "", name).lower()
        for subject, headings in _HEADINGS.items():
            if plain in headings.split():
                found.setdefault(subject, at)
    return found


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets of western languages write.
        text = content.decode("cp1252", errors="replace")
    text = text.lstrip("\r\n")
    if "\0" in text:
        raise SuppressionListUnreadable("It is not a text file.")
    return text
