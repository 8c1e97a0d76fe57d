"""Which column of a lead list holds what: by its header and by what stands in it. Pure.

Headers are recognised in any case, with spaces, underscores or hyphens, in several languages
(`headers.py`). Whose address a row has is told by more than a header (`address_columns.py`), and
so are names (`name_columns.py`). A list without a header is known by its addresses. Every column
that is no field of a lead becomes a variable for texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from campaigns.leads.address_columns import (
    MOST_COLUMNS,
    AddressColumns,
    Row,
    address_columns,
    addresses_in,
)
from campaigns.leads.beginnings import beginning_of
from campaigns.leads.headers import (
    ALIASES,
    LEAD_FIELDS,
    PLACE_FIELDS,
    columns_called,
    compact,
    order_said,
    shown,
)
from campaigns.leads.name_columns import (
    NAME_FIELDS,
    full_names_of,
    names_by_address,
    names_by_content,
    tell_names_apart,
)
from campaigns.texts.names.name_order import SILENT, NameColumn
from campaigns.texts.render import is_lead_field, variable_name

LONGEST_VARIABLE = 100


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

    `header` is the record that names them, None where they go by their numbers; of those before it
    only `above` are rows. `full_names` is how full names are written, `turned_name` one that begins
    with the family's.
    """

    headers: tuple[str, ...]
    index_by_field: Mapping[str, int]
    index_by_variable: Mapping[str, int]
    addresses: AddressColumns
    index_by_place: Mapping[str, int]
    header: int | None = 0
    above: frozenset[int] = frozenset()
    full_names: NameColumn = SILENT
    turned_name: str = ""

    @property
    def has_header(self) -> bool:
        """Whether the columns are named by the list itself."""
        return self.header is not None

    def is_row(self, number: int) -> bool:
        """Whether the record of this number is a row, and neither the header nor before it."""
        return self.header is None or number > self.header or number in self.above

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

    Who stands above it is a row as well, unless it is who made the list.

    `linked` are columns that stand in no file: where the cells of another one lead.

    Raises `NotALeadList` as `read_header` does, and if there is no header and no address.
    """
    begun = beginning_of(rows, {compact(column) for column in column_by_field.values()})
    if begun.header is not None:
        names = _with_links(rows[begun.header], linked or {})
        above = [rows[i] for i in sorted(begun.above)]
        found = read_header(names, column_by_field, [*above, *rows[begun.header + 1 :]])
        return replace(found, header=begun.header, above=begun.above)
    if not any(map(addresses_in, rows)):
        return read_header(rows[0] if rows else (), column_by_field)
    width = max(len(row) for row in rows)
    numbers = [f"Column {number}" for number in range(1, width + 1)]
    return _headerless(_with_links(numbers, linked or {}), column_by_field, rows)


def _without_addresses(headers: Sequence[str], denied: Sequence[int]) -> str:
    """Why nobody is known by their address, and what to do where that is a matter of words."""
    if not denied:
        found = ", ".join(header for header in headers[:20] if header)
        return f"The list has no LinkedIn column; its columns are: {found[:500]}"
    others = ", ".join(f"“{shown(headers[i], 40)}”" for i in denied[:5])
    return (
        f"The list has no LinkedIn column that is its people's for certain: no address in {others}"
        " bears any part of the names beside it. If these are the people, name the column"
        " (--mapping linkedin_url=HEADER)."
    )


def _with_links(header: Row, linked: Mapping[int, int]) -> Row:
    """The header with a name for each column of links."""
    return [
        f"{header[linked[index]]} (link)".strip() if index in linked else name
        for index, name in enumerate(header)
    ]


def read_header(
    cells: Row, column_by_field: Mapping[str, str], rows: Sequence[Row] = ()
) -> LeadColumns:
    """Understand a header by its names and the rows below it; what is named is not guessed.

    Raises `NotALeadList` if a name leads nowhere, or there is no LinkedIn column or too many.
    """
    headers = tuple(shown(cell, len(cell)) for cell in cells)
    if len(headers) > MOST_COLUMNS:
        raise NotALeadList(f"The list has more than {MOST_COLUMNS} columns.")
    index_by_field = dict(_named(headers, column_by_field))
    recognised = {**dict(_recognised(headers)), **index_by_field}
    names = {field: recognised[field] for field in NAME_FIELDS if field in recognised}
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
        raise NotALeadList(_without_addresses(headers, addresses.denied))
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
        addresses=addresses,
        index_by_place=places,
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
        **names_by_address(understood.addresses.sure, rows),
        **understood.index_by_field,
    }
    return LeadColumns(
        headers=understood.headers,
        index_by_field=index_by_field,
        index_by_variable=_variables(understood.headers, index_by_field),
        addresses=understood.addresses,
        index_by_place={},
        header=None,
        **full_names_of(understood.headers, index_by_field, rows),
    )


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
