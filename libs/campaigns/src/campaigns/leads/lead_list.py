"""Lead lists: a table of people, read as it arrives, row by row.

A bad row is told with its line, column and reason and never stops the rest; what is no row
(notes, totals, a header again) is skipped and told. Memory is bounded by the first rows, by which
the columns are understood, by the longest row and by the identifiers seen so far.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from campaigns.leads.beginnings import MOST_NOTES, Likeness, likeness_of
from campaigns.leads.columns import LeadColumns, NotALeadList, understand
from campaigns.leads.csv_records import (
    CsvRecords,
    Record,
    RecordInvalid,
    TableUnreadable,
    parted,
    separator_within,
)
from campaigns.leads.file_kinds import LOOKED_AT, WORKBOOK_SIGNATURES, refusal
from campaigns.leads.headers import shown
from campaigns.leads.people import RowError, RowNote, RowReader
from campaigns.models import Person

if TYPE_CHECKING:
    from campaigns.leads.excel.facts import SheetFacts
    from campaigns.leads.excel.workbook import WorkbookRecords

__all__ = ["LeadListReader", "NotALeadList", "RowError", "RowNote"]

_LOOKED_AT = MOST_NOTES + 50
"""Records by which the header and the columns are found."""
_MOST_RIVALS = 10


@dataclass(frozen=True, kw_only=True)
class ReadSoFar:
    """How far a list has been read, and how."""

    rows: int
    rejected: int
    duplicates: int
    skipped: int
    encoding: str
    header_by_field: Mapping[str, str] | None


class LeadListReader:
    """Turns the bytes of a lead list into people.

    Feed it the file in pieces of any size, then close it. `rows`, `rejected`, `duplicates` and
    `skipped` count what came so far, and `line` is where the last person stands; a person who came
    before in the same list is counted and told, and not handed out again. `literal` are values
    that look as if they said nothing and are meant. Raises NotALeadList if the file is no
    table, is empty, or has no LinkedIn column.
    """

    def __init__(
        self, column_by_field: Mapping[str, str] | None = None, *, literal: Collection[str] = ()
    ) -> None:
        self.rows = 0
        self.rejected = 0
        self.duplicates = 0
        self.skipped = 0
        self.line = 0
        self.columns: LeadColumns | None = None
        self._column_by_field = dict(column_by_field or {})
        self._literal = frozenset(" ".join(each.split()) for each in literal)
        self._head: bytes | None = b""
        self._records: CsvRecords | WorkbookRecords = CsvRecords()
        self._workbook: WorkbookRecords | None = None
        self._waiting: list[Record | RecordInvalid] = []
        self._row_reader: RowReader | None = None
        self._seen: set[str] = set()
        self._width = 0
        self._inner = ""

    @property
    def encoding(self) -> str:
        """What the file was found to be: an encoding, or Excel."""
        return self._records.encoding

    @property
    def so_far(self) -> ReadSoFar:
        """What came until now."""
        return ReadSoFar(
            rows=self.rows,
            rejected=self.rejected,
            duplicates=self.duplicates,
            skipped=self.skipped,
            encoding=self.encoding,
            header_by_field=None if self.columns is None else self.columns.header_by_field,
        )

    @property
    def sheet(self) -> str:
        """The sheet that was read; empty for a file of text."""
        return self._workbook.sheet if self._workbook is not None else ""

    def feed(self, chunk: bytes) -> Iterator[Person | RowError | RowNote]:
        """What the rows that are complete now hold; take all of it before feeding more."""
        if self._head is not None:
            self._head += chunk
            if len(self._head) < LOOKED_AT:
                return
            chunk = self._begin_file(self._head)
        yield from self._read(self._records.feed, chunk)

    def close(self) -> Iterator[Person | RowError | RowNote]:
        """What is left once the file has ended; raises `NotALeadList` if it was empty."""
        if self._head is not None:
            head = self._begin_file(self._head)
            yield from self._read(self._records.feed, head)
        yield from self._read(lambda _: self._records.close(), b"")
        if self._row_reader is None:
            if not self._waiting:
                raise NotALeadList("The list is empty.")
            yield from self._begin_table()

    def _begin_file(self, head: bytes) -> bytes:
        self._head = None
        refused = refusal(head[:LOOKED_AT])
        if refused:
            raise NotALeadList(refused)
        if head.startswith(WORKBOOK_SIGNATURES):
            # The library takes a tenth of a second, and few lists are workbooks.
            from campaigns.leads.excel.workbook import WorkbookRecords  # noqa: PLC0415

            self._records = self._workbook = WorkbookRecords(_likeness)
        return head

    def _read(
        self, take: Callable[[bytes], Iterator[Record | RecordInvalid]], chunk: bytes
    ) -> Iterator[Person | RowError | RowNote]:
        try:
            for record in take(chunk):
                if self._row_reader is not None:
                    if self._inner and isinstance(record, Record):
                        record = parted(record, self._inner)  # noqa: PLW2901 - the same, in cells
                    yield from self._row(record, self._row_reader)
                    continue
                self._waiting.append(record)
                if len(self._waiting) == _LOOKED_AT:
                    yield from self._begin_table()
        except TableUnreadable as error:
            raise NotALeadList(str(error)) from error

    def _begin_table(self) -> Iterator[Person | RowError | RowNote]:
        """Understand the columns by the first records, and read these."""
        records = [record for record in self._waiting if isinstance(record, Record)]
        if not records:
            wrong = next(each for each in self._waiting if isinstance(each, RecordInvalid))
            raise NotALeadList(f"The header cannot be read. {wrong.description}")
        self._inner = separator_within([record.cells for record in records])
        if self._inner:
            records = [parted(record, self._inner) for record in records]
            self._waiting = [
                parted(each, self._inner) if isinstance(each, Record) else each
                for each in self._waiting
            ]
        self._width = max(len(record.cells) for record in records)
        linked = self._linked_columns()
        columns = understand(
            [self._widened(record).cells for record in records],
            self._column_by_field,
            linked={self._width + number: index for number, index in enumerate(linked)},
        )
        self.columns = columns
        self._row_reader = RowReader(columns, self._literal)
        yield from self._of_the_list()
        rows = {each.line for i, each in enumerate(records) if columns.is_row(i)}
        header = records[columns.header].line if columns.header is not None else 0
        waiting, self._waiting = self._waiting, []
        for record in waiting:
            if record.line in rows or isinstance(record, RecordInvalid):
                yield from self._row(record, self._row_reader)
            elif record.line != header:
                self.skipped += 1
                text = "This stands before the header and is no row."
                yield RowNote(line=record.line, column="", reason="NOTE_SKIPPED", description=text)

    def _linked_columns(self) -> tuple[int, ...]:
        return self._workbook.linked_columns if self._workbook is not None else ()

    def _widened(self, record: Record) -> Record:
        """The record with a cell more for each column of links, behind all others."""
        linked = self._linked_columns()
        if not linked or len(record.cells) > self._width:
            return record
        blank = ("",) * (self._width - len(record.cells))
        targets = dict(record.links)
        links = tuple(targets.get(index, "") for index in linked)
        return record._replace(cells=(*record.cells, *blank, *links))

    def _of_the_list(self) -> Iterator[RowNote]:
        """What is to be known of the whole list."""
        if self._workbook is not None and self._workbook.left_out:
            others = ", ".join(
                f"“{shown(name, 40)}” {why}"
                for name, why in [*self._workbook.left_out.items()][:10]
            )
            text = f"Only the sheet “{shown(self.sheet, 40)}” is read: {others}."
            yield RowNote(line=0, column="", reason="SHEETS_LEFT_OUT", description=text)
        if self._workbook is not None:
            yield from _of_the_sheet(self._workbook.facts)
        if self.columns is not None:
            yield from _of_the_columns(self.columns)

    def _row(
        self, record: Record | RecordInvalid, reader: RowReader
    ) -> Iterator[Person | RowError | RowNote]:
        if isinstance(record, RecordInvalid):
            self.rows += 1
            self.rejected += 1
            yield RowError(
                line=record.line, column="", reason=record.reason, description=record.description
            )
            return
        record = self._widened(record)
        skipped = reader.skipped(record)
        if skipped is not None:
            self.skipped += 1
            yield skipped
            return
        self.rows += 1
        answer, notes = reader.read(record)
        if isinstance(answer, RowError):
            self.rejected += 1
            yield answer
        elif answer.public_identifier in self._seen:
            self.duplicates += 1
            yield RowNote(
                line=record.line,
                column="",
                reason="DUPLICATE_IN_LIST",
                description="This person stands further up in the list.",
            )
        else:
            self._seen.add(answer.public_identifier)
            self.line = record.line
            yield answer
            yield from notes


def _of_the_sheet(facts: SheetFacts) -> Iterator[RowNote]:
    if facts.hidden_rows:
        text = f"{facts.hidden_rows} rows that the sheet hides are read as all others."
        yield RowNote(line=0, column="", reason="HIDDEN_ROWS", description=text)
    if facts.uncomputed:
        text = (
            "Cells whose formula was never computed say nothing"
            f" ({facts.uncomputed}): open the file in a spreadsheet and save it."
        )
        yield RowNote(line=0, column="", reason="FORMULAS_UNCOMPUTED", description=text)


def _of_the_columns(columns: LeadColumns) -> Iterator[RowNote]:
    if columns.turned_name:
        text = f"“{shown(columns.turned_name)}” and the like are read as last name, first name."
        header = columns.headers[columns.index_by_field["full_name"]]
        yield RowNote(line=0, column=header, reason="NAMES_TURNED", description=text)
    for index in columns.addresses.rivals[:_MOST_RIVALS]:
        header = columns.headers[index]
        text = (
            f"“{shown(header, 40)}” names people too, who are no leads: those of"
            f" “{shown(columns.linkedin_header, 40)}” are."
        )
        yield RowNote(line=0, column=header, reason="PEOPLE_LEFT_OUT", description=text)


def _likeness(records: Sequence[Record]) -> Likeness:
    """How like a list of people a sheet is that begins so, where its cells lead included."""
    return likeness_of([(*each.cells, *(target for _, target in each.links)) for each in records])
