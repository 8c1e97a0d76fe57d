"""Which column of a lead list holds what. Pure.

Headers are recognised in any case, with spaces, underscores or hyphens; every
column that is no field of a lead becomes a variable for texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from campaigns.texts.render import is_lead_field, variable_name

LEAD_FIELDS = (
    "first_name",
    "last_name",
    "full_name",
    "email",
    "linkedin_url",
    "company",
    "title",
    "phone",
    "location",
    "industry",
)
MOST_COLUMNS = 500
LONGEST_VARIABLE = 100

# In the order of preference: a list may have both `Name` and `Full Name`.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    field: tuple(aliases.split())
    for field, aliases in {
        "first_name": "firstname fname givenname forename first contactfirstname",
        "last_name": "lastname lname surname familyname last contactlastname",
        "full_name": "fullname name contactname leadname personname",
        "email": "email emailaddress mail workemail businessemail",
        "linkedin_url": "linkedinurl linkedinprofileurl linkedinprofile linkedin profileurl"
        " linkedinprofilelink linkedinlink personlinkedinurl contactlinkedinurl"
        " linkedinprofileaddress linkedinaddress linkedinpublicurl publicprofileurl"
        " publiclinkedinurl defaultprofileurl leadlinkedinurl profilelink profile",
        "company": "company companyname organization organisation organizationname employer"
        " currentcompany account accountname",
        "title": "title jobtitle position role currenttitle currentposition jobposition"
        " designation",
        "phone": "phone phonenumber mobile mobilephone mobilenumber telephone tel workphone",
        "location": "location personlocation currentlocation geography",
        "industry": "industry companyindustry sector",
    }.items()
}
_NOT_A_PERSON = re.compile(r"company|organi[sz]ation|sales|recruiter|account")


class LeadListUnreadable(ValueError):
    """The file cannot be read as a table with a LinkedIn column."""


@dataclass(frozen=True, kw_only=True)
class LeadColumns:
    """The header of a lead list, understood."""

    headers: tuple[str, ...]
    index_by_field: Mapping[str, int]
    index_by_variable: Mapping[str, int]

    @property
    def linkedin_header(self) -> str:
        """The LinkedIn column's header as the file spells it."""
        return self.headers[self.index_by_field["linkedin_url"]]


def read_header(cells: Sequence[str], column_by_field: Mapping[str, str]) -> LeadColumns:
    """Understand a header; a column that is named for a field is not guessed.

    Raises `LeadListUnreadable` if a name leads nowhere, there is no LinkedIn column, or there
    are too many columns.
    """
    headers = tuple(" ".join(cell.split()) for cell in cells)
    if len(headers) > MOST_COLUMNS:
        raise LeadListUnreadable(f"The list has more than {MOST_COLUMNS} columns.")
    index_by_field = dict(_named(headers, column_by_field))
    for field, index in _recognised(headers):
        if field not in index_by_field and index not in index_by_field.values():
            index_by_field[field] = index
    if "linkedin_url" not in index_by_field:
        found = ", ".join(header for header in headers[:20] if header)
        raise LeadListUnreadable(f"The list has no LinkedIn column; its columns are: {found[:500]}")
    return LeadColumns(
        headers=headers,
        index_by_field=index_by_field,
        index_by_variable=_variables(headers, index_by_field),
    )


def _named(headers: Sequence[str], column_by_field: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for field, column in column_by_field.items():
        if field not in LEAD_FIELDS:
            raise LeadListUnreadable(f"A lead has no field “{field[:60]}”.")
        if column in headers:
            yield field, headers.index(column)
            continue
        compact = [_compact(header) for header in headers]
        if not _compact(column) or _compact(column) not in compact:
            raise LeadListUnreadable(f"The list has no column “{column[:60]}”.")
        yield field, compact.index(_compact(column))


def _recognised(headers: Sequence[str]) -> Iterator[tuple[str, int]]:
    compact = [_compact(header) for header in headers]
    for field, aliases in _ALIASES.items():
        index = next((compact.index(alias) for alias in aliases if alias in compact), None)
        if index is None and field == "linkedin_url":
            likely = (i for i, name in enumerate(compact) if _is_likely_profile(name))
            index = next(likely, None)
        if index is not None:
            yield field, index


def _is_likely_profile(compact: str) -> bool:
    return "linkedin" in compact and not _NOT_A_PERSON.search(compact)


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


def _compact(header: str) -> str:
    return re.sub(r"[\W_]+", "", header).lower()
