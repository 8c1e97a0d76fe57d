"""From a record of a lead list to a person, or to what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from campaigns.leads.address_columns import address_of
from campaigns.leads.columns import LeadColumns
from campaigns.leads.csv_records import Record, misshape_of
from campaigns.leads.encodings import mended
from campaigns.leads.headers import shown
from campaigns.leads.name_columns import NAME_FIELDS
from campaigns.leads.profile_address import ProfileAddressInvalid
from campaigns.models import Person
from campaigns.texts.blanks import LONGEST, folded, is_blank, names_no_company
from campaigns.texts.names.left_alone import DO_NOT_CONTACT, Requests
from campaigns.texts.names.name_order import read_beside, read_name
from campaigns.texts.person_names import clean_name, names_of
from campaigns.texts.placeholders import is_unfilled
from campaigns.texts.render import JUDGED, OWN_VALUES, values_of

_TOTALS = frozenset(
    """
    total totals totalrows sum summe gesamt insgesamt anzahl somme totale totaux suma totaal count
    grandtotal totalgeneral totalleads totalrecords rowcount
    """.split()  # noqa: SIM905  words read best as words
)
_MOST_KNOWN = 5_000
_UNSEEN = " \t\r\n\ufeff\u200b\u2060\u00a0"
"""Around a value; marks of files that somebody has put together."""
_NO_NAME = ("NO_NAME", "is no name to greet anybody by; if it is meant, allow it by name.")
_NOT_KNOWN = (
    "NAME_ORDER_UNKNOWN",
    "may begin with either name, so nobody is greeted by it; a column of first names tells.",
)
_FEWEST_COLUMNS = 3
"""In a table of fewer columns one cell alone is as good as a row."""


@dataclass(frozen=True, kw_only=True)
class RowError:
    """A row that cannot become a lead; `line` counts from 1, the header included.

    `reason` is one of URL_MISSING, URL_UNREADABLE, NOT_LINKEDIN, COMPANY_PAGE,
    SALES_NAVIGATOR, RECRUITER, DO_NOT_CONTACT, ROW_TOO_LONG, VALUE_TOO_LONG, QUOTE_UNCLOSED,
    TEXT_UNREADABLE, or of an entry of a list PERSON_UNREADABLE.
    """

    line: int
    column: str
    reason: str
    description: str


@dataclass(frozen=True, kw_only=True)
class RowNote:
    """Something to know about a row that is not wrong; line 0 is the whole list.

    `reason` is NOTE_SKIPPED, TOTAL_SKIPPED or HEADER_REPEATED for a line that is no row,
    SAYS_NOTHING for cells that are taken for empty, NO_NAME for one by which nobody can be greeted,
    NAME_ORDER_UNKNOWN for one of which the given name is not known, ADDRESS_BY_NAME for an address
    from another column, DUPLICATE_IN_LIST for a person who came before; of the list
    SHEETS_LEFT_OUT, HIDDEN_ROWS, PEOPLE_LEFT_OUT and NAMES_TURNED.
    """

    line: int
    column: str
    reason: str
    description: str


class RowReader:
    """Reads the records below the header of one list."""

    def __init__(self, columns: LeadColumns, literal: Collection[str]) -> None:
        self._columns = columns
        self._literal = frozenset(literal)
        self._header = tuple(folded(header) for header in columns.headers)
        self._known: dict[str, str] = {}
        index_by_field = {
            field: index
            for field, index in columns.index_by_field.items()
            if field != "linkedin_url"
        }
        self._names = [index_by_field[name] for name in NAME_FIELDS if name in index_by_field]
        titles = {index_by_field[name] for name in ("company", "title") if name in index_by_field}
        self._requests = Requests(columns.headers, names=self._names, titles=titles)
        self._judged = [(index, columns.headers[index]) for index in index_by_field.values()]
        field_by_index = {index: field for field, index in index_by_field.items()}
        self._field_by_variable = {
            name: field_by_index[index]
            for name, index in columns.index_by_variable.items()
            if field_by_index.get(index) in JUDGED
        }
        self._full_name = index_by_field.pop("full_name", None)
        self._index_by_field = index_by_field
        used = {index for index, _ in self._judged}
        used |= {*columns.index_by_variable.values(), *columns.index_by_place.values()}
        # Nobody asks what the others say, unless values are meant that look like nothing.
        self._used = tuple(range(len(columns.headers))) if literal else tuple(sorted(used))
        self._blank = ("",) * len(columns.headers)

    def skipped(self, record: Record) -> RowNote | None:
        """Why the record is no row; None for one that is."""
        cells = record.cells
        first = self._columns.addresses.sure[0]
        if len(cells) > first and "/" in cells[first]:
            return None
        if any(_cell(cells, index) for index in self._columns.addresses.sure):
            again = self._columns.has_header and self._is_header(cells)
            text = "The header stands here again."
            return _note(record, "HEADER_REPEATED", text) if again else None
        told = [cell for cell in cells if cell.strip()]
        if folded(told[0]) in _TOTALS:
            return _note(record, "TOTAL_SKIPPED", "This is a line of totals and no row.")
        if len(told) == 1 and len(self._columns.headers) >= _FEWEST_COLUMNS:
            return _note(record, "NOTE_SKIPPED", "This is a note and no row.")
        return None

    def _is_header(self, cells: Sequence[str]) -> bool:
        return [folded(cell) for cell in cells] == list(self._header[: len(cells)])

    def read(self, record: Record) -> tuple[Person | RowError, Sequence[RowNote]]:
        """The person of a row, or what is wrong with it, and what else to know."""
        misshape = misshape_of(record, self._columns.headers)
        if misshape is not None:
            return RowError(line=record.line, **misshape._asdict()), ()
        columns = self._columns
        try:
            identifier, at = address_of(record.cells, columns.addresses, columns.index_by_field)
        except ProfileAddressInvalid as error:
            return RowError(
                line=record.line,
                column=columns.linkedin_header,
                reason=error.reason,
                description=error.description,
            ), ()
        asked = self._asked_not_to(record)
        if asked is not None:
            return asked, ()
        cells = self._said_in(record.cells)
        person = self._person(identifier, cells)
        note = self._emptied(record, cells) or self._nameless(record, cells, person)
        notes = () if note is None else (note,)
        is_sure = at in columns.addresses.sure
        return person, notes if is_sure else (self._known_by_name(record, at, identifier), *notes)

    def _asked_not_to(self, record: Record) -> RowError | None:
        """That the row asks to leave the person in peace, which whoever means otherwise says."""
        asked = self._requests.found_in(record.cells, self._literal)
        if asked is None:
            return None
        index, said = asked
        header = self._columns.headers[index] if index < len(self._columns.headers) else ""
        text = f"“{shown(said, 40)}” asks not to contact them; if it is a value, allow it by name."
        return RowError(line=record.line, column=header, reason=DO_NOT_CONTACT, description=text)

    def _known_by_name(self, record: Record, column: int, identifier: str) -> RowNote:
        """That the address stands where others' do, and is taken for the name that it bears."""
        header, usual = self._columns.headers[column], shown(self._columns.linkedin_header, 40)
        name = shown(" ".join(_cell(record.cells, index) for index in self._names), 60)
        text = f"{usual} names nobody; “{identifier}” in {shown(header, 40)} bears “{name}”."
        return RowNote(line=record.line, column=header, reason="ADDRESS_BY_NAME", description=text)

    def _said_in(self, row: Sequence[str]) -> Sequence[str]:
        """What the cells of a row say, one for each column; those of no use as they stand."""
        cells = [*row, *self._blank[len(row) :]]
        known = self._known
        for index in self._used:
            said = known.get(cells[index])
            cells[index] = self._said(cells[index]) if said is None else said
        return cells

    def _person(self, identifier: str, cells: Sequence[str]) -> Person:
        columns, literal = self._columns, self._literal
        fields = {name: cells[index] for name, index in self._index_by_field.items()}
        variables = {name: cells[index] for name, index in columns.index_by_variable.items()}
        full_name = cells[self._full_name] if self._full_name is not None else ""
        if full_name and not fields.get("first_name"):
            first, last = self._parts(full_name, fields.get("last_name", ""))
            fields |= {"first_name": first, "last_name": fields.get("last_name") or last}
            if not first:
                # What people are called in whole is known all the same.
                variables |= {"full_name": clean_name(full_name)}
        person = Person(
            public_identifier=identifier,
            time_zone=self._zone(fields.get("location", ""), cells),
            variables=variables,
            literal=self._meant(cells) if literal else (),
            **fields,
        )
        return self._judged_alike(person) if self._field_by_variable else person

    def _meant(self, cells: Sequence[str]) -> tuple[str, ...]:
        """What is meant as it stands, in a cell or over those of the name."""
        said = [*cells, *(" ".join(cell.split()) for cell in cells)]
        whole = " ".join(filter(None, (cells[index] for index in self._names)))
        return tuple(dict.fromkeys(each for each in (*said, whole) if each in self._literal))

    def _judged_alike(self, person: Person) -> Person:
        """With the variables of columns that fill a field saying what the field says."""
        judged = {
            name: OWN_VALUES[field](person) or values_of(person)[field]
            for name, field in self._field_by_variable.items()
        }
        return replace(person, variables={**person.variables, **judged})

    def _zone(self, location: str, cells: Sequence[str]) -> str:
        index_by_place = self._columns.index_by_place
        if not index_by_place and not location:
            return ""
        # Its tables take a tenth of a second, which is no start's.
        from campaigns.leads.whereabouts.places import zone_of  # noqa: PLC0415

        return zone_of(
            location=location, **{name: cells[index] for name, index in index_by_place.items()}
        )

    def _parts(self, full_name: str, last_name: str) -> tuple[str, str]:
        """Given and last name of a full name, which may stand beside its last name."""
        if full_name in self._literal:
            return full_name, ""
        beside = read_beside(full_name, last_name) if last_name else ""
        if beside:
            return beside, last_name
        name = read_name(full_name, self._columns.full_names)
        return (name.given, name.family) if name is not None else ("", "")

    def _said(self, cell: str) -> str:
        """What the cell says, empty if that is nothing; remembered if short, for values repeat."""
        said = mended(cell.strip(_UNSEEN)).strip()
        if said and (is_blank(said) or is_unfilled(said)):
            line = " ".join(said.split())
            said = line if line in self._literal else ""
        if len(cell) <= LONGEST:
            if len(self._known) == _MOST_KNOWN:
                self._known.clear()
            self._known[cell] = said
        return said

    def _emptied(self, record: Record, cells: Sequence[str]) -> RowNote | None:
        emptied = [
            (header, record.cells[index].strip())
            for index, header in self._judged
            if self._is_emptied(index, record.cells, cells[index])
        ]
        if not emptied:
            return None
        what = ", ".join(
            f"“{shown(value, 40)}” in {shown(header, 40)}" for header, value in emptied[:5]
        )
        return RowNote(
            line=record.line,
            column=emptied[0][0],
            reason="SAYS_NOTHING",
            description=f"{what}: taken for empty; if it is meant, allow it by name.",
        )

    def _is_emptied(self, index: int, row: Sequence[str], said: str) -> bool:
        if not said:
            return index < len(row) and bool(row[index].strip())
        is_company = index == self._columns.index_by_field.get("company")
        return is_company and names_no_company(said) and said not in self._literal

    def _nameless(self, record: Record, cells: Sequence[str], person: Person) -> RowNote | None:
        """That nobody can be greeted by what stands for the first name."""
        index = self._index_by_field.get("first_name")
        if index is None or not cells[index]:
            index = self._full_name
        said = cells[index] if index is not None else ""
        if not said or index is None:
            return None
        if names_of(person.first_name, person.last_name, literal=person.literal).first:
            return None
        is_open = (
            index == self._full_name
            and said not in self._literal
            and read_name(said, self._columns.full_names) is None
        )
        reason, why = _NOT_KNOWN if is_open else _NO_NAME
        return RowNote(
            line=record.line,
            column=self._columns.headers[index],
            reason=reason,
            description=f"“{shown(said, 40)}” {why}",
        )


def _note(record: Record, reason: str, description: str) -> RowNote:
    return RowNote(line=record.line, column="", reason=reason, description=description)


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index].strip() if index < len(cells) else ""
