"""Records of a CSV file that arrives in pieces."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import pytest
from campaigns.leads.csv_records import CsvRecords, Record, RecordInvalid, TableUnreadable
from hypothesis import given
from hypothesis import strategies as st


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    """The content in pieces of that size."""
    return (content[i : i + size] for i in range(0, len(content), size))


def read(chunks: Iterable[bytes]) -> list[Record | RecordInvalid]:
    """Everything that the reader hands out."""
    records = CsvRecords()
    found: list[Record | RecordInvalid] = []
    for chunk in chunks:
        found += records.feed(chunk)
    return found + list(records.close())


def cells(content: bytes) -> list[tuple[str, ...]]:
    """The cells of the good records."""
    return [each.cells for each in read([content]) if isinstance(each, Record)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    """The separator is the one that the header uses."""
    content = f'a{delimiter}"b,;"{delimiter}c\n1{delimiter}2{delimiter}3'

    assert cells(content.encode()) == [("a", "b,;", "c"), ("1", "2", "3")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pieces(newline: str, encoding: str, size: int) -> None:
    """Encoding, line ends and the size of the pieces change nothing."""
    content = newline.join(["a,b", "é,🚀", "", "1,2", ""]).encode(encoding)

    assert read(pieces(content, size)) == [
        Record(line=1, cells=("a", "b")),
        Record(line=2, cells=("é", "🚀")),
        Record(line=4, cells=("1", "2")),
    ]


def test_lines_of_quoted_newlines() -> None:
    """A record is on the line where it begins, however many lines its cells have."""
    records = read([b'a,b\n"1\n1\n1",2\n\n3,"4"\n'])

    assert [(each.line, getattr(each, "cells", None)) for each in records] == [
        (1, ("a", "b")),
        (2, ("1\n1\n1", "2")),
        (6, ("3", "4")),
    ]


def test_quotes_inside_of_cells() -> None:
    """A quote opens a cell only at its beginning."""
    assert cells(b'a,b\n5" pipe,x\n"say ""hi""",y\n"a"b,c\n') == [
        ("a", "b"),
        ('5" pipe', "x"),
        ('say "hi"', "y"),
        ("ab", "c"),
    ]


def test_quote_that_is_never_closed() -> None:
    """It costs the line it is on, not the rest of the file."""
    first, bad, last = read([b'a,b\n1,"open\n2,fine\n'])

    assert isinstance(bad, RecordInvalid)
    assert (bad.line, bad.reason) == (2, "QUOTE_UNCLOSED")
    assert last == Record(line=3, cells=("2", "fine"))
    assert first.line == 1


def test_quote_that_is_closed_too_late() -> None:
    """The reader does not hold half the file for a quote; the lines after it are read."""
    content = b'a,b\n1,"open\n' + b"2,fine\n" * 500

    records = read([content])

    assert [each.reason for each in records if isinstance(each, RecordInvalid)] == [
        "QUOTE_UNCLOSED"
    ]
    assert len(records) == 502
    assert records[-1].line == 502


def test_separator_line() -> None:
    """The line in which spreadsheets name the separator is no header."""
    assert read([b"sep=;\na;b\n"]) == [Record(line=2, cells=("a", "b"))]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'Notes:\n"a, b; c"\n\nx;y;z\n1,5;2;3\n4;5,5;6\n', ("1,5", "2", "3")),
        (b"sep=|\na|b,c\n1|2,3\n", ("1", "2,3")),
        (b'"sep=;"\na;b,c\n', ("a", "b,c")),
    ],
)
def test_the_delimiter_is_that_of_most_lines(content: bytes, found: tuple[str, ...]) -> None:
    """Notes before the table and commas in its cells decide nothing; a line that names it does."""
    assert found in cells(content)


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \n,,\n", b"\xef\xbb\xbf"])
def test_nothing(content: bytes) -> None:
    """Blank lines are no records."""
    assert read([content]) == []


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04\xff\xfe\n", b"\0" * 50, b"x" * 300_000]
)
def test_not_text(content: bytes) -> None:
    """Pictures, archives and endless lines are refused at once."""
    with pytest.raises(TableUnreadable):
        read(pieces(content, 100_000))


@pytest.mark.parametrize("bad", [b"Jos\xe9", b"a\0b"])
def test_row_that_is_not_text(bad: bytes) -> None:
    """A row in another encoding than the rest is told, and the others are read."""
    records = read(["a,ü\n".encode() + bad + b",1\n2,3\n"])

    assert [getattr(each, "reason", "") for each in records] == ["", "TEXT_UNREADABLE", ""]


tables = st.lists(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=2, max_size=4).filter(
        lambda row: any(cell.strip() for cell in row) and "\ufffd" not in "".join(row)
    ),
    min_size=1,
    max_size=6,
)


@given(tables, st.sampled_from(",;\t"), st.integers(1, 20))
def test_what_was_written_is_read(table: list[list[str]], delimiter: str, size: int) -> None:
    """Any table that a writer of CSV wrote is read back, in pieces of any size."""
    table = [[cell.replace("\0", "").replace("\r", "") + "x" for cell in row] for row in table]
    table.insert(0, ["a", "b", "c", "d"])
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)

    records = read(pieces(written.getvalue().encode(), size))

    assert [each.cells for each in records if isinstance(each, Record)] == [
        tuple(row) for row in table
    ]


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_no_bytes_crash(chunks: list[bytes]) -> None:
    """Any bytes are records or are refused."""
    try:
        records = read(chunks)
    except TableUnreadable:
        return
    lines = [each.line for each in records]
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_that_is_longer_than_any_value(quote: str) -> None:
    """It costs its row at most; it used to end the whole list, as a fault of ours."""
    long = quote + "x" * 150_000 + quote

    found = read([f"a,b\n1,{long}\n2,fine\n".encode()])

    assert [each.line for each in found] == [1, 2, 3]
    assert isinstance(found[1], RecordInvalid) == bool(quote)


@given(
    st.lists(st.lists(st.text("ab ;|'\\\u2003é", max_size=4), min_size=2, max_size=4), max_size=9),
    st.sampled_from(",\t"),
)
def test_lines_without_quotes(table: list[list[str]], delimiter: str) -> None:
    """Parted by their separators alone, they are what the csv module makes of them."""
    lines = [delimiter.join(row) for row in table]

    assert cells("\n".join([f"sep={delimiter}", *lines]).encode()) == [
        tuple(row)
        for row in csv.reader(lines, delimiter=delimiter)
        if any(cell.strip() for cell in row)
    ]
