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
)
from campaigns.leads.name_columns import bears, name_words, touches
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


@dataclass(frozen=True, kw_only=True)
class AddressColumns:
    """The columns of addresses, the likeliest first.

    `sure` are read one after the other; `unsure` name people too, each of whom may be somebody
    else than the row is about; `rivals` name as many, and are left out.
    """

    sure: tuple[int, ...]
    unsure: tuple[int, ...] = ()
    rivals: tuple[int, ...] = ()


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
    told: int = 0
    touched: int = 0
    borne: int = 0
    total: float = 0.0
    seen: set[str] = field(default_factory=set)

    def add(self, identifier: str, score: float, words: Sequence[str]) -> None:
        """Count a person; one who comes again is a colleague who cares for many rows."""
        self.people += 1
        self.total += 0.0 if identifier in self.seen else score
        self.seen.add(identifier)
        if words and identifier.isascii() and not is_assigned(identifier):
            weight = min(len(words), _WORDS_OF_A_NAME)
            self.told += weight
            self.touched += touches(identifier, words)
            self.borne += weight if bears(identifier, words) else 0

    @property
    def bear_names(self) -> bool:
        """Whether most addresses bear the names beside them, and more than a first name once."""
        return self.borne >= max(_WORDS_OF_A_NAME, self.told / 2)

    @property
    def deny_names(self) -> bool:
        """Whether of many none does, in any part."""
        return self.told >= _FEWEST * _WORDS_OF_A_NAME and not self.touched

    @property
    def are_a_list(self) -> bool:
        """Whether most are people, and most of those others than before."""
        are_different = len(self.seen) >= _DIFFERENT * self.people
        return self.people * 2 >= self.filled and (self.people < _FEWEST or are_different)


def holds_people(rows: Sequence[Row]) -> bool:
    """Whether a table that begins so names people at LinkedIn, or has a column for that."""
    return any(addresses_in(row) or any(map(_names_address, row)) for row in rows)


def address_columns(
    headers: Sequence[str], rows: Sequence[Row], name_indexes: Sequence[int] = ()
) -> AddressColumns:
    """The columns that may hold a person's address: those that do, then those that say so.

    `name_indexes` are the columns of the names of those whom the rows are about.
    """
    cells_by_index = _counted(headers, rows, name_indexes)
    by_header = [*_addresses_by_header(headers)]
    claims = {i: _claim(headers[i], cells) for i, cells in cells_by_index.items()}
    denied = {
        i
        for i, cells in cells_by_index.items()
        if _by_header(headers[i]) is _Claim.NONE and cells.deny_names
    }
    blank = [i for i in by_header if i not in claims and _by_header(headers[i]) is _Claim.USUAL]
    claims |= {i: _Claim.BLANK for i in blank if rows and not _filled(rows, i)}
    rank = {index: number for number, index in enumerate(by_header)}

    def order(index: int) -> tuple[bool, int, float, int, int]:
        cells = cells_by_index.get(index, _Cells())
        number = rank.get(index, len(headers))
        return not cells.bear_names, claims[index], -cells.total, number, index

    ranked = sorted(claims.keys() - denied, key=order)
    chosen = ranked[:1] or [i for i in by_header if i not in denied][:1]
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
    )


def _counted(
    headers: Sequence[str], rows: Sequence[Row], name_indexes: Sequence[int]
) -> Mapping[int, _Cells]:
    """The columns in which people are, without those of somebody else."""
    found: dict[int, _Cells] = {}
    for row in rows:
        words = name_words(row[index] for index in name_indexes if index < len(row))
        for index, (identifier, score) in addresses_in(row).items():
            if index < len(headers) and not names_somebody_else(headers[index]):
                found.setdefault(index, _Cells()).add(identifier, score, words)
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


def _names_address(header: str) -> bool:
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
