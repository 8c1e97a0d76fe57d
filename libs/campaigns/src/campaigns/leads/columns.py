"""Which column of a lead list holds what: by its header and by what stands in it. Pure.

Headers are recognised in any case, with spaces, underscores or hyphens, in several languages
(`headers.py`). Whose address a row has is told by more than a header (`address_columns.py`), and
so are names (`name_columns.py`). A list without a header is known by its addresses. Every column
that is no field of a lead becomes a variable for texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from campaigns.leads.address_columns import (
    MOST_COLUMNS,
    AddressColumns,
    Row,
    address_columns,
    addresses_in,
    is_own_address,
)
from campaigns.leads.headers import (
    ALIASES,
    LEAD_FIELDS,
    PLACE_FIELDS,
    columns_called,
    compact,
    is_known,
    order_said,
    shown,
)
from campaigns.leads.name_columns import (
    full_names_of,
    names_by_address,
    names_by_content,
    tell_names_apart,
)
from campaigns.texts.names.name_order import SILENT, NameColumn
from campaigns.texts.render import is_lead_field, variable_name

LONGEST_VARIABLE = 100
MOST_NOTES = 250
"""Records before the header that are looked at."""
_MOST_ABOVE = 3
"""So many people may stand above a header who are no leads: who made the list, who asked for it."""
_WIDTH_OF_A_WORD = 2
"""`Exported by` and who it was."""
_NAMES = ("first_name", "last_name", "full_name")


class NotALeadList(ValueError):
    """The file cannot be read as a table with a LinkedIn column.

    `field` is what somebody has named a column for, where that is what is wrong.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class LeadColumns:
    """The columns of a lead list, understood.

    `address_indexes` are all that hold a person's address, the likeliest first; what stands in
    `unsure_addresses` is that of the person whose name it bears, and `rival_addresses` hold as
    many people, of whom nobody says that the rows are about them. `notes` counts the records
    before the header. `full_names` is how full names are written, `turned_name` one that begins
    with the family's.
    """

    headers: tuple[str, ...]
    index_by_field: Mapping[str, int]
    index_by_variable: Mapping[str, int]
    address_indexes: tuple[int, ...]
    index_by_place: Mapping[str, int]
    unsure_addresses: tuple[int, ...] = ()
    rival_addresses: tuple[int, ...] = ()
    notes: int = 0
    has_header: bool = True
    full_names: NameColumn = SILENT
    turned_name: str = ""

    @property
    def name_indexes(self) -> Sequence[int]:
        """The columns that hold the person's name."""
        return [self.index_by_field[name] for name in _NAMES if name in self.index_by_field]

    @property
    def linkedin_header(self) -> str:
        """The LinkedIn column's header as the file spells it."""
        return self.headers[self.index_by_field["linkedin_url"]]

    @property
    def header_by_field(self) -> Mapping[str, str]:
        """The columns that were chosen, as the file spells them."""
        chosen = {**self.index_by_field, **self.index_by_place}
        return {field: self.headers[index] for field, index in chosen.items()}


def understand(
    rows: Sequence[Row],
    column_by_field: Mapping[str, str],
    *,
    linked: Mapping[int, int] | None = None,
) -> LeadColumns:
    """Find the header among the first rows of a list, and what its columns hold.

    `linked` are columns that stand in no file: where the cells of another one lead.

    Raises `NotALeadList` as `read_header` does, and if there is no header and no address.
    """
    header = _header_index(rows, {compact(column) for column in column_by_field.values()})
    if header is not None:
        names = _with_links(rows[header], linked or {})
        return read_header(names, column_by_field, rows[header + 1 :], notes=header)
    if not any(map(addresses_in, rows)):
        return read_header(rows[0] if rows else (), column_by_field)
    width = max(len(row) for row in rows)
    numbers = [f"Column {number}" for number in range(1, width + 1)]
    return _headerless(_with_links(numbers, linked or {}), column_by_field, rows)


def is_list(rows: Sequence[Row]) -> bool:
    """Whether a table that begins so is a list of people, and no page that names its owner."""
    people = [i for i, row in enumerate(rows) if addresses_in(row)]
    header = _header_index(rows, set())
    below = people if header is None else [i for i in people if i > header]
    return len(people) > _MOST_ABOVE or (
        header is not None and bool(below) and _recognised_cells(rows[header], set()) > 1
    )


def _header_index(rows: Sequence[Row], named: set[str]) -> int | None:
    """Where the header stands: above the first person, or below somebody who made the list."""
    people = [i for i, row in enumerate(rows) if addresses_in(row)]
    head = rows[: MOST_NOTES + 1]
    counts = [_recognised_cells(row, named) for row in head]
    first = people[0] if people else len(head)
    above = range(min(first, len(head)))
    best = max(above, key=lambda i: (_heads_a_list(head[i], counts[i]), counts[i]), default=None)
    if best is not None and counts[best] > 1:
        return best
    for i in range(first + 1, len(head)):
        made_by = [rows[person] for person in people if person < i]
        is_word = len(made_by) == 1 or all(len(_told(row)) <= _WIDTH_OF_A_WORD for row in made_by)
        if len(made_by) > min(_MOST_ABOVE, len(people) - len(made_by)):
            break
        if is_word and _heads_a_list(rows[i], counts[i]) and _heads_addresses(rows, i):
            return i
    return best if best is not None and counts[best] else None


def _heads_a_list(row: Row, recognised: int) -> bool:
    """Whether a row reads like the header of a list of people at LinkedIn."""
    return recognised > 1 and any(map(is_own_address, row))


def _heads_addresses(rows: Sequence[Row], header: int) -> bool:
    """Whether people stand below the very cell that says so; at LinkedIn one may also work."""
    own = {index for index, cell in enumerate(rows[header]) if is_own_address(cell)}
    is_person = bool(addresses_in(rows[header]))
    return not is_person and any(own & addresses_in(row).keys() for row in rows[header + 1 :])


def _with_links(header: Row, linked: Mapping[int, int]) -> Row:
    """The header with a name for each column of links."""
    return [
        f"{header[linked[index]]} (link)".strip() if index in linked else name
        for index, name in enumerate(header)
    ]


def read_header(
    cells: Row, column_by_field: Mapping[str, str], rows: Sequence[Row] = (), *, notes: int = 0
) -> LeadColumns:
    """Understand a header by its names and the rows below it; what is named is not guessed.

    Raises `NotALeadList` if a name leads nowhere, or there is no LinkedIn column or too many.
    """
    headers = tuple(shown(cell, len(cell)) for cell in cells)
    if len(headers) > MOST_COLUMNS:
        raise NotALeadList(f"The list has more than {MOST_COLUMNS} columns.")
    index_by_field = dict(_named(headers, column_by_field))
    recognised = {**dict(_recognised(headers)), **index_by_field}
    names = [recognised[field] for field in _NAMES if field in recognised]
    addresses = address_columns(headers, rows, names)
    if "linkedin_url" in index_by_field:
        addresses = AddressColumns(sure=(index_by_field["linkedin_url"],))
    elif addresses.sure:
        index_by_field["linkedin_url"] = addresses.sure[0]
    for field, index in recognised.items():
        taken = index in index_by_field.values() or index in addresses.sure
        if field not in index_by_field and not taken:
            index_by_field[field] = index
    if "linkedin_url" not in index_by_field:
        found = ", ".join(header for header in headers[:20] if header)
        raise NotALeadList(f"The list has no LinkedIn column; its columns are: {found[:500]}")
    if "first_name" not in index_by_field and "full_name" not in index_by_field:
        known = index_by_field.values()
        for field, index in names_by_content(headers, addresses.sure, rows, known).items():
            index_by_field.setdefault(field, index)
    tell_names_apart(headers, index_by_field, column_by_field, rows)
    places = {name: index_by_field.pop(name) for name in PLACE_FIELDS if name in index_by_field}
    return LeadColumns(
        headers=headers,
        index_by_field=index_by_field,
        index_by_variable=_variables(headers, index_by_field),
        address_indexes=addresses.sure,
        unsure_addresses=addresses.unsure,
        rival_addresses=addresses.rivals,
        index_by_place=places,
        notes=notes,
        **full_names_of(headers, index_by_field, rows),
    )


def _headerless(
    numbers: Row, column_by_field: Mapping[str, str], rows: Sequence[Row]
) -> LeadColumns:
    """The columns of a list without a header, under their numbers; names by the addresses."""
    by_number = {
        field: name if compact(name).startswith("column") else f"Column {name}"
        for field, name in column_by_field.items()
    }
    understood = read_header(numbers, by_number, rows)
    index_by_field = {
        **names_by_address(understood.address_indexes, rows),
        **understood.index_by_field,
    }
    return LeadColumns(
        headers=understood.headers,
        index_by_field=index_by_field,
        index_by_variable=_variables(understood.headers, index_by_field),
        address_indexes=understood.address_indexes,
        index_by_place={},
        has_header=False,
        **full_names_of(understood.headers, index_by_field, rows),
    )


def _recognised_cells(row: Row, named: set[str]) -> int:
    """How many cells read like headers; a line of notes in a single cell is none."""
    told = _told(row)
    if len(told) < min(2, len(row)):
        return 0
    return sum(is_known(cell) or compact(cell) in named for cell in told)


def _told(row: Row) -> list[str]:
    return [cell for cell in row if cell.strip()]


def _named(headers: Sequence[str], column_by_field: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The columns that somebody has named: each is there once, and says one thing of a lead."""
    field_by_index: dict[int, str] = {}
    for field, column in column_by_field.items():
        if field not in LEAD_FIELDS and field not in PLACE_FIELDS:
            raise NotALeadList(f"A lead has no field “{shown(field)}”.", field=field)
        called = columns_called(column, headers)
        if len(called) != 1:
            many = f"{len(called)} columns" if called else "no column"
            told = f"The list has {many} “{shown(column)}”; {field} is to be of one."
            raise NotALeadList(told, field=field)
        other = field_by_index.setdefault(called[0], field) if field in LEAD_FIELDS else field
        if other != field:
            told = f"“{shown(column)}” is named for {other} and for {field}."
            raise NotALeadList(told, field=field)
        yield field, called[0]


def _recognised(headers: Sequence[str]) -> Iterator[tuple[str, int]]:
    names = [compact(header) for header in headers]
    for field, aliases in ALIASES.items():
        index = next((names.index(alias) for alias in aliases if alias in names), None)
        if index is None and field == "full_name":
            said = (i for i, header in enumerate(headers) if order_said(header) is not None)
            index = next(said, None)
        if index is not None and field != "linkedin_url":
            yield field, index


def _variables(headers: Sequence[str], index_by_field: Mapping[str, int]) -> dict[str, int]:
    """Every further column, and recognised ones by a name that no field has (`work_email`)."""
    taken = set(index_by_field.values())
    index_by_variable: dict[str, int] = {}
    for index, header in enumerate(headers):
        name = variable_name(header)[:LONGEST_VARIABLE]
        is_further = index not in taken or (
            index != index_by_field["linkedin_url"] and not is_lead_field(name)
        )
        if name and is_further:
            index_by_variable.setdefault(name, index)
    return index_by_variable


def _cell(row: Row, index: int) -> str:
    return row[index].strip() if index < len(row) else ""
