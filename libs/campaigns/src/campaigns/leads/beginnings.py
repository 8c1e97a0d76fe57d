"""How a table of people begins: where its header stands, who is named above it. Pure.

A list may be headed by a page's worth of notes, by whoever made it, or by people of another list
that somebody has put before it; and a workbook's page may name its owner and nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from statistics import median_low

from campaigns.leads.address_columns import Row, addresses_in, is_own_address, names_address
from campaigns.leads.headers import ALIASES, compact, is_known
from campaigns.leads.name_columns import NAME_FIELDS, bears, row_name, whole_name
from campaigns.texts.job_titles import is_job

MOST_NOTES = 250
"""Records before the header that are looked at."""
_MOST_ABOVE = 3
"""So many people may stand above a header who are no leads: who made the list, who asked for it."""
_WIDTH_OF_A_WORD = 2
"""`Exported by` and who it was."""
_MADE = (
    r"(?:exported|created|made|prepared|generated|compiled|requested|owned|managed|uploaded"
    r"|downloaded|collected|researched|sent|written|updated|reviewed|approved|list|listed|curated"
    r"|provided|sourced|shared|imported|built|scraped|enriched|assigned|maintained|supplied"
    r"|exportiert|erstellt|angelegt|gepflegt|verantwortet|zusammengestellt|bearbeitet|importiert"
    r"|exporte|cree|realise|prepare|etabli|exportado|creado|hecho|preparado|criado|feito"
    r"|esportato|creato|fatto|preparato|gemaakt|geexporteerd|utworzone)"
)
_BY = r"(?:by|for|from|on|to|von|fur|durch|par|pour|por|para|da|per|door|voor|przez)"
_MAKER = re.compile(
    rf"(?:data|file|contacts?|leads?)?{_MADE}{_BY}.*|by|for|from"
    r"|(?:(?:list|file|data|report|campaign|account|sales)?(?:owner|author|exporter|creator|maker"
    r"|manager|executive|rep|assignee))|assignee|[sb]dr|source"
    r"|(?:your|our|my)?contact(?:person|us)?|questions?(?:to)?|responsible(?:person)?|support"
    r"|(?:listen)?(?:ersteller|autor|verfasser|besitzer|inhaber|eigentumer|verantwortlicher?"
    r"|ansprechpartner(?:in)?|kontakt|ruckfragen(?:an)?)"
    r"|auteur|proprietaire|responsable|autora?|propietari[oa]|autore|proprietari[oa]|eigenaar|maker"
)
"""What is said of who made a list, in front of them."""


class Likeness(IntEnum):
    """How like a list of people a table is that begins so."""

    NOBODY = 0
    PAGE = 1
    """Whoever it names it names as a page does: `Owner`, and who that is."""
    UNSURE = 2
    LIST = 3


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """Where the header stands, and which records above it are people of the list all the same."""

    header: int | None
    above: frozenset[int] = frozenset()


def beginning_of(rows: Sequence[Row], named: set[str]) -> Beginning:
    """Where the header stands: above the first person, or below people who stand there alone.

    `named` are columns that somebody has named: they are headers, whatever they say.
    """
    people = [i for i, row in enumerate(rows) if addresses_in(row)]
    head = rows[: MOST_NOTES + 1]
    counts = [_recognised_cells(row, named) for row in head]
    first = people[0] if people else len(head)
    above = range(min(first, len(head)))
    best = max(above, key=lambda i: (_heads_a_list(head[i], counts[i]), counts[i]), default=None)
    if best is not None and counts[best] > 1:
        return Beginning(header=best)
    for i in range(first + 1, len(head)):
        if _heads_a_list(rows[i], counts[i]) and _heads_addresses(rows, i):
            leads = _leads_above(rows, i, people)
            others = sum(person < i for person in people) - len(leads)
            if others <= min(_MOST_ABOVE, len(people) - others):
                return Beginning(header=i, above=leads)
    return Beginning(header=best if best is not None and counts[best] else None)


def likeness_of(rows: Sequence[Row]) -> Likeness:
    """Whether a table that begins so is a list of people, or a page that names its owner.

    A column that says whose address it holds is a list, however few they are; so is an address
    that bears the name beside it.
    """
    people = [i for i, row in enumerate(rows) if addresses_in(row)]
    if not people:
        has_column = any(any(map(names_address, row)) for row in rows)
        return Likeness.PAGE if has_column else Likeness.NOBODY
    begun = beginning_of(rows, set())
    below = [i for i in people if begun.header is None or i > begun.header or i in begun.above]
    if len(people) > _MOST_ABOVE or (begun.header is not None and _is_table(rows, begun, below)):
        return Likeness.LIST
    if all(map(_is_said_of_a_page, (rows[i] for i in people))):
        return Likeness.PAGE
    if any(_bears_a_name(rows[i]) for i in below):
        return Likeness.LIST
    return Likeness.UNSURE


def _is_table(rows: Sequence[Row], begun: Beginning, below: Sequence[int]) -> bool:
    header = rows[begun.header or 0]
    own = {index for index, cell in enumerate(header) if is_own_address(cell)}
    heads = any(own & addresses_in(rows[i]).keys() for i in below)
    is_of_a_page = any(_is_maker_said(cell) for cell in header)
    return (heads or (bool(below) and _recognised_cells(header, set()) > 1)) and not is_of_a_page


def _is_said_of_a_page(row: Row) -> bool:
    """Whether a row is a word of a page, and who is meant: `Made by`, `LinkedIn`."""
    told = _told(row)
    return len(told) <= _WIDTH_OF_A_WORD + 1 and (
        _is_maker_said(told[0]) or (len(told) == _WIDTH_OF_A_WORD and is_known(told[0]))
    )


def _bears_a_name(row: Row) -> bool:
    addresses = addresses_in(row)
    cells = [cell for index, cell in enumerate(row) if index not in addresses and cell.strip()]
    names = [whole_name(each) for each in (*cells, " ".join(cells[:2]))]
    return any(
        bears(identifier, name) for identifier, _ in addresses.values() for name in names
    ) and not _is_maker_said(_told(row)[0])


def _leads_above(rows: Sequence[Row], header: int, people: Sequence[int]) -> frozenset[int]:
    """Who stands above a header and is of the list all the same.

    That is whose address bears what stands in the list's columns of names, or whose row is as wide
    as those below. Of few others nobody knows; so many that they are a list are of it.
    """
    may_be = [i for i in people if i < header and not _is_maker(rows[i], rows[header])]
    usual = median_low([len(_told(rows[i])) for i in people if i > header])
    leads = [i for i in may_be if _is_named(rows[i], rows[header]) or len(_told(rows[i])) >= usual]
    return frozenset(leads if len(may_be) - len(leads) <= _MOST_ABOVE else may_be)


def _is_maker(row: Row, header: Row) -> bool:
    """Whether a row above a header is for certain of who made the list, and none of those below.

    That is one whose address stands elsewhere, which says so, or has nobody's name in the place of
    one; and one whose address bears a name that does not stand there.
    """
    own = {index for index, cell in enumerate(header) if is_own_address(cell)}
    if _is_said_of_a_page(row) or not own & addresses_in(row).keys():
        return True
    named = [row[index] for index in _names_in(header).values() if index < len(row)]
    if any(_is_maker_said(cell) or is_job(cell.split()) for cell in named if cell.strip()):
        return True
    return _bears_a_name(row) and bool(named) and not _is_named(row, header)


def _is_named(row: Row, header: Row) -> bool:
    """Whether an address in a row bears the name that stands under the list's own headers."""
    name = row_name(row, _names_in(header))
    return any(bears(identifier, name) for identifier, _ in addresses_in(row).values())


def _names_in(header: Row) -> dict[str, int]:
    """The columns of names that a header tells by usual words."""
    plain = [compact(cell) for cell in header]
    found = {
        name: next((plain.index(alias) for alias in ALIASES[name] if alias in plain), None)
        for name in NAME_FIELDS
    }
    return {name: index for name, index in found.items() if index is not None}


def _is_maker_said(cell: str) -> bool:
    return cell.strip().endswith(":") or _MAKER.fullmatch(compact(cell)) is not None


def _heads_a_list(row: Row, recognised: int) -> bool:
    """Whether a row reads like the header of a list of people at LinkedIn."""
    return recognised > 1 and any(map(is_own_address, row))


def _heads_addresses(rows: Sequence[Row], header: int) -> bool:
    """Whether people stand below the very cell that says so; at LinkedIn one may also work."""
    own = {index for index, cell in enumerate(rows[header]) if is_own_address(cell)}
    is_person = bool(addresses_in(rows[header]))
    return not is_person and any(own & addresses_in(row).keys() for row in rows[header + 1 :])


def _recognised_cells(row: Row, named: set[str]) -> int:
    """How many cells read like headers; a line of notes in a single cell is none."""
    told = _told(row)
    if len(told) < min(2, len(row)):
        return 0
    return sum(is_known(cell) or compact(cell) in named for cell in told)


def _told(row: Row) -> list[str]:
    return [cell for cell in row if cell.strip()]
