"""Which columns of a lead list hold the address of the person whom a row is about. Pure.

Too important for a header alone: among all columns the one whose cells are addresses of members
wins, and where its cell says nothing the next one is read, if its header says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from campaigns.leads.headers import (
    ALIASES,
    compact,
    is_likely_profile,
    names_somebody_else,
)
from campaigns.leads.profile_address import ProfileAddressInvalid, is_assigned, public_identifier

MOST_COLUMNS = 500
_ASSIGNED_COUNTS = 0.9
"""An id that LinkedIn has assigned names a person, but one that is read by people is better."""

Row = Sequence[str]


def holds_people(rows: Sequence[Row]) -> bool:
    """Whether a table that begins so names people at LinkedIn, or has a column for that."""
    return any(addresses_in(row) or any(map(_names_address, row)) for row in rows)


def address_columns(headers: Sequence[str], rows: Sequence[Row]) -> tuple[int, ...]:
    """The columns that may hold a person's address: those that do, then those that say so."""
    totals: dict[int, float] = {}
    counted: set[tuple[int, str]] = set()
    for row in rows:
        for index, (identifier, score) in addresses_in(row).items():
            # A colleague who cares for many rows stands in each of them, and is nobody's lead.
            again = (index, identifier) in counted
            counted.add((index, identifier))
            if index < len(headers) and not names_somebody_else(headers[index]):
                totals[index] = totals.get(index, 0.0) + (0.0 if again else score)
    by_header = [*_addresses_by_header(headers)]
    rank = {index: number for number, index in enumerate(by_header)}
    by_content = sorted(
        totals, key=lambda index: (-totals[index], rank.get(index, len(headers)), index)
    )
    # Whose cell stands in for a blank one must be the same person, so a header has to say so; of
    # several that only sound like it the best is enough.
    others = [index for index in by_content[1:] if index in rank]
    return (*by_content[:1], *others, *(index for index in by_header[:1] if index not in totals))


def _names_address(header: str) -> bool:
    return is_likely_profile(header) or compact(header) in ALIASES["linkedin_url"]


def _addresses_by_header(headers: Sequence[str]) -> Iterator[int]:
    names = [compact(header) for header in headers]
    usual = [names.index(alias) for alias in ALIASES["linkedin_url"] if alias in names]
    weak = {"url", "link", "profil", "perfil", "profilo", "profile"}
    likely = [i for i, header in enumerate(headers) if is_likely_profile(header)]
    yield from dict.fromkeys(
        (
            *(index for index in usual if names[index] not in weak),
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
