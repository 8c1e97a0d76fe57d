"""Which columns of a lead list hold names, how they are written, and whom they bear out. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from campaigns.texts.names.name_order import SILENT, NameColumn, column_of, read_name
from campaigns.texts.person_names import clean_name, split_turned

_MOST_OF = 0.6
_SHORT = 2
"""A word of so few letters is in many others."""
_FULL = 2

Row = Sequence[str]


def name_words(names: Iterable[str]) -> Sequence[str]:
    """The words of a name, as addresses bear them: plain, without titles; others bear none."""
    words = (compact(word) for name in names for word in re.split(r"[\W_]+", clean_name(name)))
    return tuple(dict.fromkeys(word for word in words if word.isascii() and len(word) >= _SHORT))


def bears(identifier: str, words: Sequence[str]) -> bool:
    """Whether a profile's address bears a name: two of its words, or the only one."""
    found = _words_in(identifier, words)
    return found >= _FULL or (found == len(words) == 1 and words[0] in identifier.split("-"))


def touches(identifier: str, words: Sequence[str]) -> bool:
    """Whether any word of a name stands in a profile's address."""
    return _words_in(identifier, words) > 0


def _words_in(identifier: str, words: Sequence[str]) -> int:
    plain, parts = folded(identifier), re.split(r"[\W\d_]+", identifier)
    return sum(word in parts or (len(word) > _SHORT and word in plain) for word in words)


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
