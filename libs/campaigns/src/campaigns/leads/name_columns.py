"""Which columns of a lead list hold names, how they are written, and whom they bear out. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypedDict

from campaigns.leads.headers import (
    FIRST_BESIDE_SURNAME,
    SURNAME_BESIDE_FIRST,
    compact,
    family_first_language,
    name_said,
    names_somebody_else,
    order_said,
)
from campaigns.leads.profile_address import ProfileAddressInvalid, is_assigned, public_identifier
from campaigns.texts.blanks import folded
from campaigns.texts.companies import is_company
from campaigns.texts.names.name_order import SILENT, NameColumn, column_of, read_name
from campaigns.texts.names.name_words import PARTICLES
from campaigns.texts.person_names import clean_name, split_turned

NAME_FIELDS = ("first_name", "last_name", "full_name")
"""What holds a person's name."""

_MOST_OF = 0.6
_SHORT = 2
"""A word of so few letters is in many others."""

Row = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class RowName:
    """The words of a person's names, plain and without titles, as an address would bear them.

    `is_parted` says that the list tells the one name from the other; of a full name the first word
    is taken for the given one.
    """

    given: Sequence[str] = ()
    family: Sequence[str] = ()
    is_parted: bool = False

    @property
    def words(self) -> Sequence[str]:
        """All of them."""
        return (*self.given, *self.family)

    @property
    def is_whole(self) -> bool:
        """Whether there are both names, so that an address can bear them."""
        return bool(self.given and self.family)


def row_name(row: Row, index_by_field: Mapping[str, int]) -> RowName:
    """What the columns of names say in a row; a company in the place of a person says nothing."""
    cells = {
        name: _cell(row, index_by_field[name]) for name in NAME_FIELDS if name in index_by_field
    }
    first, last = _words(cells.get("first_name", "")), _family(cells.get("last_name", ""))
    if first and last:
        return RowName(given=first, family=last, is_parted=True)
    full = whole_name(cells.get("full_name", ""))
    rest = tuple(word for word in full.words if word not in {*first, *last})
    if first and rest:
        return RowName(given=first, family=rest, is_parted=True)
    if last and rest:
        return RowName(given=rest, family=last, is_parted=True)
    return full if full.words else RowName(given=first[:1], family=first[1:] or last)


def whole_name(full_name: str) -> RowName:
    """The words of a full name, which may say the last name first (`Quill, Ada`)."""
    turned = split_turned(full_name)
    if turned is not None:
        return RowName(given=_words(turned[0]), family=_family(turned[1]), is_parted=True)
    words = _words(full_name)
    return RowName(given=words[:1], family=words[1:])


def _words(name: str) -> tuple[str, ...]:
    if is_company(name):
        return ()
    said = clean_name(name).replace("'", "").replace("\u2019", "")
    words = [compact(word) for word in re.split(r"[\W_]+", said)]
    told = [word for word in words if word.isascii() and len(word) >= _SHORT]
    # What stands between names; before them it may be one (`Al`).
    return tuple(dict.fromkeys([*told[:1], *(word for word in told[1:] if word not in PARTICLES)]))


def _family(name: str) -> tuple[str, ...]:
    words = _words(name)
    return words[1:] if len(words) > 1 and words[0] in PARTICLES else words


def bears(identifier: str, name: RowName) -> bool:
    """Whether a profile's address bears a person's given and family name, each as a whole part.

    Of a name that is in one piece the first and the last word count, or any if the address has no
    other; names that are written together count where they are the whole address.
    """
    if not name.is_whole or is_assigned(identifier):
        return False
    parts = [part for word in re.split(r"[\W\d_]+", identifier) if (part := compact(word))]
    whole = {*parts, *map("".join, pairwise(parts))}
    given, family = "".join(name.given), "".join(name.family)
    first, last = name.given[0], name.family[0]
    if "".join(parts) in {given + family, family + given, first + last, last + first}:
        return True
    if name.is_parted:
        return first in whole and last in whole
    told = {part for part in parts if len(part) >= _SHORT}
    is_ended = name.family[-1] in whole
    return first in whole and (is_ended or (len(told) > 1 and told <= {*name.words}))


def bears_nobody_else(identifier: str, name: RowName) -> bool:
    """Whether an address bears a name, the last one in full, and no word that is not of it.

    `/in/jo-ann-stone` is not for certain of Jo Ann, nor `/in/ana-maria` of Ana Maria Silva.
    """
    if not bears(identifier, name):
        return False
    parts = re.split(r"[\W_]+", identifier)
    told = parts if len(parts) == 1 else [part for part in parts if part.isalpha()]
    text = "".join(part for part in map(compact, told) if part not in PARTICLES).strip("0123456789")
    last = name.family if name.is_parted else name.family[-1:]
    return all(word in text for word in last) and _is_made_of(text, name.words)


def _is_made_of(text: str, words: Sequence[str]) -> bool:
    return not text or any(
        text.startswith(word) and _is_made_of(text[len(word) :], (*words[:i], *words[i + 1 :]))
        for i, word in enumerate(words)
    )


def bears_given(identifier: str, name: RowName) -> bool:
    """Whether it bears the one name that is known, which others have as well."""
    return bool(name.words) and name.words[0] in re.split(r"[\W\d_]+", identifier)


def touches(identifier: str, name: RowName) -> bool:
    """Whether any word of a name stands in a profile's address, be it within another."""
    plain, parts = folded(identifier), re.split(r"[\W\d_]+", identifier)
    return any(word in parts or (len(word) > _SHORT and word in plain) for word in name.words)


def tell_names_apart(
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


class FullNames(TypedDict):
    """How full names are written, as `LeadColumns` holds it."""

    full_names: NameColumn
    turned_name: str


def full_names_of(
    headers: Sequence[str], index_by_field: Mapping[str, int], rows: Sequence[Row]
) -> FullNames:
    """How most full names are written; directories say the last name first."""
    index = index_by_field.get("full_name")
    if index is None:
        return FullNames(full_names=SILENT, turned_name="")
    address = index_by_field["linkedin_url"]
    named = [(name, slug_of(_cell(row, address))) for row in rows if (name := _cell(row, index))]
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
    return FullNames(full_names=column, turned_name=turned)


def slug_of(address: str) -> str:
    """Whom an address names, or nothing."""
    try:
        return public_identifier(address)
    except ProfileAddressInvalid:
        return ""


def names_by_address(address_indexes: Sequence[int], rows: Sequence[Row]) -> dict[str, int]:
    """Columns whose words stand in the addresses beside them, as names do."""
    named = _borne_out(address_indexes, rows)
    whole = _whole(named)
    if whole:
        return {"full_name": whole[0]}
    order = sorted(named, key=lambda index: sum(place for place, _ in named[index]))
    return dict(zip(("first_name", "last_name"), order, strict=False)) if len(order) > 1 else {}


def names_by_content(
    headers: Sequence[str],
    address_indexes: Sequence[int],
    rows: Sequence[Row],
    taken: Collection[int],
) -> dict[str, int]:
    """The same under headers that are not usual; one name alone needs a header that says which."""
    named = {
        index: found
        for index, found in _borne_out(address_indexes, rows).items()
        if index < len(headers) and index not in taken and not names_somebody_else(headers[index])
    }
    parts = {name_said(headers[index]): index for index in reversed([*named])}
    if "first_name" in parts:
        return {field: index for field, index in parts.items() if field}
    whole = _whole(named)
    return {"full_name": whole[0]} if whole else {}


_Places = Mapping[int, Sequence[tuple[int, int]]]
"""Of each column, where in the addresses its cells stand and of how many words they are."""


def _whole(named: _Places) -> list[int]:
    return [i for i, found in named.items() if sum(n for _, n in found) > 1.5 * len(found)]


def _borne_out(address_indexes: Sequence[int], rows: Sequence[Row]) -> _Places:
    beside: dict[int, list[tuple[int, int]]] = {}
    told = 0
    for row in rows:
        identifier = slug_of(_cell(row, address_indexes[0]))
        if not identifier or is_assigned(identifier):
            continue
        told += 1
        slug = folded(identifier)
        for index, cell in enumerate(row):
            words = [folded(word) for word in (clean_name(cell) or cell).split()]
            if index not in address_indexes and words and all(w in slug for w in words):
                beside.setdefault(index, []).append((slug.find(words[0]), len(words)))
    return {i: found for i, found in beside.items() if len(found) >= max(1, _MOST_OF * told)}


def _cell(row: Row, index: int) -> str:
    return row[index].strip() if index < len(row) else ""
