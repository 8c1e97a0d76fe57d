"""Which columns of a lead list hold the address of the person whom a row is about. Pure.

Too important for a header alone, and for what stands in the cells alone: a list may name a boss or
a colleague in every row. A column whose addresses bear the names of its rows counts first, then
one whose header is usual and most of whose cells are people; how many people a column has decides
only among those that say no more than that. Where the chosen cell says nothing another column of
the same person is read, or one whose address bears the row's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from campaigns.leads.headers import (
    ALIASES,
    compact,
    is_likely_profile,
    is_own_profile,
    is_sales_profile,
    names_somebody_else,
    says_nobody_else,
)
from campaigns.leads.name_columns import (
    RowName,
    bears,
    bears_given,
    bears_nobody_else,
    row_name,
    slug_of,
    touches,
)
from campaigns.leads.profile_address import ProfileAddressInvalid, is_assigned, public_identifier
from campaigns.texts.blanks import is_blank

MOST_COLUMNS = 500
_ASSIGNED_COUNTS = 0.9
"""An id that LinkedIn has assigned names a person, but one that is read by people is better."""
_WEAK = frozenset({"url", "link", "profil", "perfil", "profilo", "profile"})
"""Usual headers of an address that may be anything's."""
_FEWEST = 3
"""So few rows say nothing yet of who comes again, or of names that no address bears."""
_DIFFERENT = 0.75
_WORDS_OF_A_NAME = 2

Row = Sequence[str]
NO_NAMES: Mapping[str, int] = {}


@dataclass(frozen=True, kw_only=True)
class AddressColumns:
    """The columns of addresses, the likeliest first.

    `sure` are read one after the other; `unsure` name people too, each of whom may be somebody
    else than the row is about; `rivals` name as many, and are left out. `denied` name only others
    than the rows do.
    """

    sure: tuple[int, ...]
    unsure: tuple[int, ...] = ()
    rivals: tuple[int, ...] = ()
    denied: tuple[int, ...] = ()


_ROWS_COUNTED = 120
"""So many say whose addresses a column has; more would cost a short list as much as reading it."""


class _Claim(IntEnum):
    """Why a column may be the one, by its header; the best first."""

    USUAL = 0
    OWN = 1
    WEAK = 2
    SALES = 3
    BLANK = 4
    NONE = 5


_OF_THE_PERSON = frozenset({_Claim.USUAL, _Claim.OWN, _Claim.WEAK})


@dataclass(kw_only=True)
class _Cells:
    """What the cells of one column come to."""

    filled: int = 0
    people: int = 0
    words: int = 0
    named: int = 0
    touched: int = 0
    borne: int = 0
    given: int = 0
    total: float = 0.0
    seen: set[str] = field(default_factory=set)

    def add(self, identifier: str, score: float, name: RowName) -> None:
        """Count a person; one who comes again is a colleague who cares for many rows."""
        self.people += 1
        self.total += 0.0 if identifier in self.seen else score
        self.seen.add(identifier)
        if name.words and identifier.isascii() and not is_assigned(identifier):
            self.named += 1
            self.words += min(len(name.words), _WORDS_OF_A_NAME)
            are_borne = bears(identifier, name)
            self.borne += are_borne
            self.touched += are_borne or touches(identifier, name)
            self.given += bears_given(identifier, name)

    @property
    def bear_names(self) -> bool:
        """Whether most addresses bear the names beside them, both of each."""
        return self.borne >= max(1, self.named / 2)

    @property
    def bear_given_names(self) -> bool:
        """Whether most bear one, which others have as well: it says less than a usual header."""
        return self.given >= max(1, self.named / 2)

    @property
    def deny_names(self) -> bool:
        """Whether of many none does, in any part."""
        return self.words >= _FEWEST * _WORDS_OF_A_NAME and not self.touched

    @property
    def are_others(self) -> bool:
        """Whether most people are others than before."""
        return self.people < _FEWEST or len(self.seen) >= _DIFFERENT * self.people

    @property
    def are_a_list(self) -> bool:
        """Whether most are people, and most of those others than before."""
        return self.people * 2 >= self.filled and self.are_others


def address_columns(
    headers: Sequence[str], rows: Sequence[Row], index_by_name: Mapping[str, int] = NO_NAMES
) -> AddressColumns:
    """The columns that may hold a person's address: those that do, then those that say so.

    `index_by_name` are the columns of the names of those whom the rows are about.
    """
    cells_by_index = _counted(headers, rows[:_ROWS_COUNTED], index_by_name)
    by_header = [*_addresses_by_header(headers)]
    claims = {i: _claim(headers[i], cells) for i, cells in cells_by_index.items()}
    denied = _denied(headers, cells_by_index)
    blank = [i for i in by_header if i not in claims and _by_header(headers[i]) is _Claim.USUAL]
    claims |= {i: _Claim.BLANK for i in blank if rows and not _filled(rows, i)}
    # What stands in for the column that a person would name is read row by row.
    is_headed = _Claim.BLANK in claims.values() or any(
        claims[i] in {_Claim.USUAL, _Claim.OWN} and not cells.deny_names
        for i, cells in cells_by_index.items()
    )
    rank = {index: number for number, index in enumerate(by_header)}

    def order(index: int) -> tuple[bool, int, bool, float, int, int]:
        cells = cells_by_index.get(index, _Cells())
        is_borne = cells.bear_names and (claims[index] is not _Claim.NONE or not is_headed)
        number = rank.get(index, len(headers))
        return (
            *(not is_borne, claims[index], not cells.bear_given_names),
            *(-cells.total, number, index),
        )

    # The same few people in every row are no leads where those of the rows are left out.
    left_out = denied | {
        i for i, cells in cells_by_index.items() if denied and not cells.are_others
    }
    ranked = sorted(claims.keys() - left_out, key=order)
    chosen = ranked[:1] or [i for i in by_header if i not in left_out][:1]
    of_the_person = [i for i in ranked if claims[i] in _OF_THE_PERSON]
    # Of several that only sound like it and name nobody yet the best is enough.
    silent = [i for i in by_header if i not in cells_by_index and is_own_address(headers[i])][:1]
    sure = tuple(dict.fromkeys([*chosen, *of_the_person, *silent]))
    others = {i: cells for i, cells in cells_by_index.items() if i not in sure}
    return AddressColumns(
        sure=sure,
        unsure=tuple(i for i in ranked if i in others),
        rivals=tuple(
            i
            for i, cells in others.items()
            if claims[i] is _Claim.NONE and cells.are_a_list and not cells.bear_names
        ),
        denied=tuple(sorted(denied)),
    )


def address_of(
    cells: Row, columns: AddressColumns, index_by_name: Mapping[str, int]
) -> tuple[str, int]:
    """Whom a row is about, and the column that says so.

    Raises `ProfileAddressInvalid` if none does: neither the columns that are sure, nor another one
    by the address of who is called as the row says.
    """
    wrong: ProfileAddressInvalid | None = None
    for index in columns.sure:
        try:
            return public_identifier(_cell(cells, index)), index
        except ProfileAddressInvalid as error:
            if wrong is None or wrong.reason == "URL_MISSING":
                wrong = error
    for index in columns.unsure:
        identifier = slug_of(_cell(cells, index))
        if identifier and bears_nobody_else(identifier, row_name(cells, index_by_name)):
            return identifier, index
    raise wrong or ProfileAddressInvalid("URL_MISSING", "There is no profile address.")


def _denied(headers: Sequence[str], cells_by_index: Mapping[int, _Cells]) -> set[int]:
    """Columns under no usual header of which no address bears a name, in any part.

    A company or a handle says no more than that: where there is nobody else, and the header names
    nobody else, those are the people.
    """
    strange = {
        i
        for i, cells in cells_by_index.items()
        if _by_header(headers[i]) is _Claim.NONE and cells.deny_names
    }
    is_beside = any(cells.are_a_list for i, cells in cells_by_index.items() if i not in strange)
    return {i for i in strange if is_beside or not says_nobody_else(headers[i])}


def _counted(
    headers: Sequence[str], rows: Sequence[Row], index_by_name: Mapping[str, int]
) -> Mapping[int, _Cells]:
    """The columns in which people are, without those of somebody else."""
    found: dict[int, _Cells] = {}
    for row in rows:
        name = row_name(row, index_by_name)
        for index, (identifier, score) in addresses_in(row).items():
            if index < len(headers) and not names_somebody_else(headers[index]):
                found.setdefault(index, _Cells()).add(identifier, score, name)
    for index, cells in found.items():
        cells.filled = _filled(rows, index)
    return found


def _filled(rows: Sequence[Row], index: int) -> int:
    return sum(len(row) > index and not is_blank(row[index]) for row in rows)


def _claim(header: str, cells: _Cells) -> _Claim:
    return _by_header(header) if cells.are_a_list else _Claim.NONE


def _by_header(header: str) -> _Claim:
    name = compact(header)
    if name in ALIASES["linkedin_url"]:
        return _Claim.WEAK if name in _WEAK else _Claim.USUAL
    if is_own_profile(header):
        return _Claim.OWN
    return _Claim.SALES if is_sales_profile(header) else _Claim.NONE


def is_own_address(header: str) -> bool:
    """Whether a header says the address of the person whom its row is about."""
    return _by_header(header) in _OF_THE_PERSON


def names_address(header: str) -> bool:
    """Whether a header is of addresses at LinkedIn."""
    return is_likely_profile(header) or compact(header) in ALIASES["linkedin_url"]


def _addresses_by_header(headers: Sequence[str]) -> Iterator[int]:
    names = [compact(header) for header in headers]
    usual = [names.index(alias) for alias in ALIASES["linkedin_url"] if alias in names]
    likely = [i for i, header in enumerate(headers) if is_likely_profile(header)]
    yield from dict.fromkeys(
        (
            *(index for index in usual if names[index] not in _WEAK),
            *likely,
            *usual,
        )
    )


def addresses_in(row: Row) -> dict[int, tuple[str, float]]:
    """Whose addresses are in a row and how good they are, by column."""
    scores = {}
    for index, cell in enumerate(row[:MOST_COLUMNS]):
        lower = cell.lower()
        if "linkedin" not in lower and "in/" not in lower:
            continue
        try:
            identifier = public_identifier(cell)
        except ProfileAddressInvalid:
            continue
        scores[index] = identifier, _ASSIGNED_COUNTS if is_assigned(identifier) else 1.0
    return scores


def _cell(cells: Row, index: int) -> str:
    return cells[index].strip() if index < len(cells) else ""
