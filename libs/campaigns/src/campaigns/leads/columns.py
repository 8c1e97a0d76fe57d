"""Which column of a lead list holds what: by its header and by what stands in it. Pure.

Headers are recognised in any case, with spaces, underscores or hyphens, in several languages
(`headers.py`). Who a row is about is too important for a header alone: among all columns the one
whose cells are addresses of members wins, and where its cell says nothing the next one is read. A
list without a header is known by its addresses. Every column that is no field of a lead becomes a
variable for texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from campaigns.leads.address_columns import MOST_COLUMNS, Row, address_columns, addresses_in
from campaigns.leads.headers import (
    ALIASES,
    FIRST_BESIDE_SURNAME,
    LEAD_FIELDS,
    PLACE_FIELDS,
    SURNAME_BESIDE_FIRST,
    columns_called,
    compact,
    family_first_language,
    is_known,
    order_said,
    shown,
)
from campaigns.leads.profile_address import ProfileAddressInvalid, public_identifier
from campaigns.texts.blanks import folded
from campaigns.texts.names.name_order import SILENT, NameColumn, column_of, read_name
from campaigns.texts.person_names import split_turned
from campaigns.texts.render import is_lead_field, variable_name

LONGEST_VARIABLE = 100
MOST_NOTES = 250
"""Records before the header that are looked at."""
_MOST_OF = 0.6


class NotALeadList(ValueError):
    """The file cannot be read as a table with a LinkedIn column."""


@dataclass(frozen=True, kw_only=True)
class LeadColumns:
    """The columns of a lead list, understood.

    `address_indexes` are all that may hold a person's address, the likeliest first;
    `notes` counts the records before the header. `full_names` is how full names are written,
    `turned_name` one that begins with the family's.
    """

    headers: tuple[str, ...]
    index_by_field: Mapping[str, int]
    index_by_variable: Mapping[str, int]
    address_indexes: tuple[int, ...]
    index_by_place: Mapping[str, int]
    notes: int = 0
    has_header: bool = True
    full_names: NameColumn = SILENT
    turned_name: str = ""

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
    first_person = next((i for i, row in enumerate(rows) if addresses_in(row)), None)
    before = rows[: MOST_NOTES + 1 if first_person is None else min(first_person, MOST_NOTES + 1)]
    named = {compact(column) for column in column_by_field.values()}
    found = [_recognised_cells(row, named) for row in before]
    if any(found):
        header = found.index(max(found))
        names = _with_links(rows[header], linked or {})
        return read_header(names, column_by_field, rows[header + 1 :], notes=header)
    if first_person is None:
        return read_header(rows[0] if rows else (), column_by_field)
    width = max(len(row) for row in rows)
    numbers = [f"Column {number}" for number in range(1, width + 1)]
    return _headerless(_with_links(numbers, linked or {}), column_by_field, rows)


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
    addresses = address_columns(headers, rows)
    if "linkedin_url" in index_by_field:
        addresses = (index_by_field["linkedin_url"],)
    elif addresses:
        index_by_field["linkedin_url"] = addresses[0]
    for field, index in _recognised(headers):
        taken = index in index_by_field.values() or index in addresses
        if field not in index_by_field and not taken:
            index_by_field[field] = index
    if "linkedin_url" not in index_by_field:
        found = ", ".join(header for header in headers[:20] if header)
        raise NotALeadList(f"The list has no LinkedIn column; its columns are: {found[:500]}")
    _tell_names_apart(headers, index_by_field, column_by_field, rows)
    places = {name: index_by_field.pop(name) for name in PLACE_FIELDS if name in index_by_field}
    return LeadColumns(
        headers=headers,
        index_by_field=index_by_field,
        index_by_variable=_variables(headers, index_by_field),
        address_indexes=addresses,
        index_by_place=places,
        notes=notes,
        **_full_names(headers, index_by_field, rows),
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
    index_by_field = {**_names_by_address(understood, rows), **understood.index_by_field}
    return LeadColumns(
        headers=understood.headers,
        index_by_field=index_by_field,
        index_by_variable=_variables(understood.headers, index_by_field),
        address_indexes=understood.address_indexes,
        index_by_place={},
        has_header=False,
        **_full_names(understood.headers, index_by_field, rows),
    )


def _recognised_cells(row: Row, named: set[str]) -> int:
    """How many cells read like headers; a line of notes in a single cell is none."""
    told = [cell for cell in row if cell.strip()]
    if len(told) < min(2, len(row)):
        return 0
    return sum(is_known(cell) or compact(cell) in named for cell in told)


def _named(headers: Sequence[str], column_by_field: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The columns that somebody has named: each is there once, and says one thing of a lead."""
    field_by_index: dict[int, str] = {}
    for field, column in column_by_field.items():
        if field not in LEAD_FIELDS and field not in PLACE_FIELDS:
            raise NotALeadList(f"A lead has no field “{shown(field)}”.")
        called = columns_called(column, headers)
        if len(called) != 1:
            many = f"{len(called)} columns" if called else "no column"
            raise NotALeadList(f"The list has {many} “{shown(column)}”; {field} is to be of one.")
        other = field_by_index.setdefault(called[0], field) if field in LEAD_FIELDS else field
        if other != field:
            raise NotALeadList(f"“{shown(column)}” is named for {other} and for {field}.")
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


def _tell_names_apart(
    headers: Sequence[str],
    index_by_field: dict[str, int],
    column_by_field: Mapping[str, str],
    rows: Sequence[Row],
) -> None:
    """`Name` beside a first name is the last name, unless it holds the first name too."""
    if "full_name" in column_by_field or "full_name" not in index_by_field:
        return
    whole = index_by_field["full_name"]
    header = compact(headers[whole])
    first, last = index_by_field.get("first_name"), index_by_field.get("last_name")
    if first is not None and last is None and header in SURNAME_BESIDE_FIRST:
        pairs = [(_cell(row, first), _cell(row, whole)) for row in rows]
        if pairs and not any(given and given in full for given, full in pairs):
            index_by_field["last_name"] = index_by_field.pop("full_name")
    elif last is not None and first is None and header in FIRST_BESIDE_SURNAME:
        pairs = [(_cell(row, last).lower(), _cell(row, whole).lower()) for row in rows]
        both = [full for family, full in pairs if family and family in full and family != full]
        if len(both) <= _MOST_OF * len(pairs):
            index_by_field["first_name"] = index_by_field.pop("full_name")


class _FullNames(TypedDict):
    full_names: NameColumn
    turned_name: str


def _full_names(
    headers: Sequence[str], index_by_field: Mapping[str, int], rows: Sequence[Row]
) -> _FullNames:
    """How most full names are written; directories say the last name first."""
    index = index_by_field.get("full_name")
    if index is None:
        return _FullNames(full_names=SILENT, turned_name="")
    address = index_by_field["linkedin_url"]
    named = [(name, _slug(_cell(row, address))) for row in rows if (name := _cell(row, index))]
    names = [name for name, _ in named]
    parted = [name for name in names if split_turned(name) is not None]
    column = column_of(
        names,
        [slug for _, slug in named],
        said=order_said(headers[index]),
        language=family_first_language(headers, index),
        by_comma=len(parted) > _MOST_OF * len(names),
    )
    read = ((name, read_name(name, column)) for name in names)
    turned = next((name for name, known in read if known is not None and known.is_turned), "")
    return _FullNames(full_names=column, turned_name=turned)


def _slug(address: str) -> str:
    try:
        return public_identifier(address)
    except ProfileAddressInvalid:
        return ""


def _names_by_address(columns: LeadColumns, rows: Sequence[Row]) -> dict[str, int]:
    """Columns whose words stand in the addresses beside them, as names do."""
    beside: dict[int, list[tuple[int, int]]] = {}
    told = 0
    for row in rows:
        try:
            address = public_identifier(_cell(row, columns.address_indexes[0]))
        except ProfileAddressInvalid:
            continue
        told += 1
        slug = folded(address)
        for index, cell in enumerate(row):
            words = [folded(word) for word in cell.split()]
            if index not in columns.address_indexes and words and all(w in slug for w in words):
                beside.setdefault(index, []).append((slug.find(words[0]), len(words)))
    named = {i: found for i, found in beside.items() if len(found) >= max(1, _MOST_OF * told)}
    whole = [i for i, found in named.items() if sum(n for _, n in found) > 1.5 * len(found)]
    if whole:
        return {"full_name": whole[0]}
    order = sorted(named, key=lambda index: sum(place for place, _ in named[index]))
    return dict(zip(("first_name", "last_name"), order, strict=False)) if len(order) > 1 else {}


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
