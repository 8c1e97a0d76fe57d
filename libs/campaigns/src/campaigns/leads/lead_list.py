"""Lead lists: a CSV file, read as it arrives, row by row. Pure.

A bad row is told with its line, column and reason and never stops the rest.
Memory is bounded by the longest row and by the identifiers seen so far.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from campaigns.leads.columns import LeadColumns, LeadListUnreadable, read_header
from campaigns.leads.csv_records import CsvRecords, Record, RecordInvalid, TableUnreadable
from campaigns.leads.profile_address import ProfileAddressInvalid, public_identifier
from campaigns.models import Person
from campaigns.texts.blanks import is_blank
from campaigns.texts.person_names import split_name
from campaigns.texts.placeholders import is_unfilled

__all__ = ["LeadListReader", "LeadListUnreadable", "RowError"]

LONGEST_VALUE = 5_000


@dataclass(frozen=True, kw_only=True)
class RowError:
    """A row that cannot become a lead; `line` counts from 1, the header included.

    `reason` is one of URL_MISSING, URL_UNREADABLE, NOT_LINKEDIN, COMPANY_PAGE,
    SALES_NAVIGATOR, RECRUITER, ROW_TOO_LONG, VALUE_TOO_LONG, QUOTE_UNCLOSED or
    TEXT_UNREADABLE.
    """

    line: int
    column: str
    reason: str
    description: str


class LeadListReader:
    """Turns the bytes of a lead list into people.

    Feed it the file in pieces of any size, then close it. `rows`, `rejected` and
    `duplicates` count what came so far; a person who came before in the same
    list is counted, and not handed out again. Raises LeadListUnreadable if the
    file is no text, is empty, or has no LinkedIn column.
    """

    def __init__(
        self, column_by_field: Mapping[str, str] | None = None, *, literal: Collection[str] = ()
    ) -> None:
        self.rows = 0
        self.rejected = 0
        self.duplicates = 0
        self._column_by_field = dict(column_by_field or {})
        self._literal = frozenset(" ".join(each.split()) for each in literal)
        self._columns: LeadColumns | None = None
        self._records = CsvRecords()
        self._seen: set[str] = set()

    def feed(self, chunk: bytes) -> Iterator[Person | RowError]:
        """What the rows that are complete now hold; take all of it before feeding more."""
        return self._read(self._records.feed(chunk))

    def close(self) -> Iterator[Person | RowError]:
        """What is left once the file has ended; raises `LeadListUnreadable` if it was empty."""
        yield from self._read(self._records.close())
        if self._columns is None:
            raise LeadListUnreadable("The list is empty.")

    def _read(self, records: Iterator[Record | RecordInvalid]) -> Iterator[Person | RowError]:
        try:
            for record in records:
                answer = self._row(record)
                if answer is not None:
                    yield answer
        except TableUnreadable as error:
            raise LeadListUnreadable(str(error)) from error

    def _row(self, record: Record | RecordInvalid) -> Person | RowError | None:
        if self._columns is None:
            self._columns = self._header(record)
            return None
        self.rows += 1
        answer = (
            RowError(
                line=record.line, column="", reason=record.reason, description=record.description
            )
            if isinstance(record, RecordInvalid)
            else _person(record, self._columns, self._literal)
        )
        if isinstance(answer, RowError):
            self.rejected += 1
        elif answer.public_identifier in self._seen:
            self.duplicates += 1
            return None
        else:
            self._seen.add(answer.public_identifier)
        return answer

    def _header(self, record: Record | RecordInvalid) -> LeadColumns:
        if isinstance(record, RecordInvalid):
            raise LeadListUnreadable(f"The header cannot be read. {record.description}")
        return read_header(record.cells, self._column_by_field)


def _person(record: Record, columns: LeadColumns, literal: frozenset[str]) -> Person | RowError:
    problem = _shape_problem(record, columns)
    if problem is not None:
        return problem
    cells = tuple(_said(cell, literal) for cell in record.cells)
    fields = {name: _cell(cells, index) for name, index in columns.index_by_field.items()}
    try:
        identifier = public_identifier(fields.pop("linkedin_url"))
    except ProfileAddressInvalid as error:
        return RowError(
            line=record.line,
            column=columns.linkedin_header,
            reason=error.reason,
            description=error.description,
        )
    full_name = fields.pop("full_name", "")
    if full_name and not fields.get("first_name"):
        first, last = split_name(full_name)
        fields["first_name"] = first
        fields["last_name"] = fields.get("last_name") or last
    return Person(
        public_identifier=identifier,
        variables={name: _cell(cells, index) for name, index in columns.index_by_variable.items()},
        literal=tuple(dict.fromkeys(cell for cell in cells if cell in literal)) if literal else (),
        **fields,
    )


def _shape_problem(record: Record, columns: LeadColumns) -> RowError | None:
    cells, headers = record.cells, columns.headers
    if len(cells) > len(headers) and any(cell.strip() for cell in cells[len(headers) :]):
        return RowError(
            line=record.line,
            column=headers[-1],
            reason="ROW_TOO_LONG",
            description=f"The row has {len(cells)} cells, the header {len(headers)}; a value with"
            " the separator in it needs quotes.",
        )
    for header, cell in zip(headers, cells, strict=False):
        if len(cell) > LONGEST_VALUE:
            return RowError(
                line=record.line,
                column=header,
                reason="VALUE_TOO_LONG",
                description=f"The value is longer than {LONGEST_VALUE:,} characters.",
            )
    return None


def _said(cell: str, literal: frozenset[str]) -> str:
    """What the cell says; empty if that is nothing."""
    cell = cell.strip()
    if is_blank(cell) or is_unfilled(cell):
        return line if literal and (line := " ".join(cell.split())) in literal else ""
    return cell


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""
