"""What of a lead counts towards its score: a list of what may, and nothing else. Pure.

Never a name, a photo, an address or what a column of the customer's says beyond the two named
here: a column that tells the outcome ("Replied = yes") has no effect, nor one that is called like
a feature. What is not known of somebody is no level at all, which rules and models know as
`MISSING`; what fewer than ten have counts as `OTHER`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from campaigns.models import Person
from country_list import countries_for_language

from automation.scoring.titles import FUNCTIONS, SENIORITIES, read_title

OTHER = "(other)"
"""The level of what too few have."""
_LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl")
_LONGEST = 60
_SPACES = re.compile(r"\s+")
_KEPT = re.compile(r"[^\w &/,.+-]", re.UNICODE)
_SIZE_COLUMNS = ("company_size", "employees", "employee_count", "company_headcount")
_SIZES = ((10, "1-10"), (50, "11-50"), (200, "51-200"), (1000, "201-1000"), (10_000, "1001-10000"))
_LARGEST = "10001+"
_AGES = (
    (timedelta(days=7), "0-6 days"),
    (timedelta(days=30), "7-29 days"),
    (timedelta(days=90), "30-89 days"),
)
_OLDEST = "90+ days"
_SAID: Mapping[bool | None, str] = {None: "", True: "yes", False: "no"}
_NUMBER = re.compile(r"\d{1,9}")


class Feature(StrEnum):
    """What may count."""

    SENIORITY = "seniority"
    FUNCTION = "function"
    INDUSTRY = "industry"
    COUNTRY = "country"
    COMPANY_SIZE = "company_size"
    LIST_SOURCE = "list_source"
    HAS_HEADLINE = "has_headline"
    DAYS_SINCE_IMPORT = "days_since_import"


_SENIORITY, _FUNCTION = Feature.SENIORITY.value, Feature.FUNCTION.value
_INDUSTRY, _COUNTRY = Feature.INDUSTRY.value, Feature.COUNTRY.value
_COMPANY_SIZE, _LIST_SOURCE = Feature.COMPANY_SIZE.value, Feature.LIST_SOURCE.value
_HAS_HEADLINE, _DAYS_SINCE_IMPORT = Feature.HAS_HEADLINE.value, Feature.DAYS_SINCE_IMPORT.value

LEVELS: Mapping[str, Sequence[str]] = {
    _SENIORITY: SENIORITIES,
    _FUNCTION: FUNCTIONS,
    _COMPANY_SIZE: (*(band for _, band in _SIZES), _LARGEST),
    _HAS_HEADLINE: tuple(level for level in _SAID.values() if level),
    _DAYS_SINCE_IMPORT: (*(band for _, band in _AGES), _OLDEST),
}
"""Of these features there are no other levels; of the others levels are people's own words."""

Features = Mapping[str, str]
"""By the name of the feature its level; what is not known is not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredPerson:
    """What is looked at of a lead; no name of theirs."""

    title: str = ""
    industry: str = ""
    location: str = ""
    company_size: str = ""
    has_headline: bool | None = None
    lead_list_id: str = ""
    imported_at: datetime | None = None


def scored_person(
    person: Person, *, lead_list_id: str = "", imported_at: datetime | None = None
) -> ScoredPerson:
    """What is looked at of a person of a list."""
    told = {name.strip().lower(): value for name, value in person.variables.items()}
    size = next((told[name] for name in _SIZE_COLUMNS if told.get(name)), "")
    return ScoredPerson(
        title=person.title,
        industry=person.industry,
        location=person.location,
        company_size=size,
        has_headline=bool(told["headline"].strip()) if "headline" in told else None,
        lead_list_id=lead_list_id,
        imported_at=imported_at,
    )


def features_of(person: ScoredPerson, *, now: datetime) -> Features:
    """The levels of a lead; what is not known is left out."""
    seniority, function = read_title(person.title)
    levels = {
        _SENIORITY: seniority,
        _FUNCTION: function,
        _INDUSTRY: cleaned(person.industry),
        _COUNTRY: country_of(person.location),
        _COMPANY_SIZE: _size(person.company_size),
        _LIST_SOURCE: person.lead_list_id,
        _DAYS_SINCE_IMPORT: _age(person.imported_at, now),
        _HAS_HEADLINE: _SAID[person.has_headline],
    }
    return {name: level for name, level in levels.items() if level}


@lru_cache(maxsize=20_000)
def cleaned(level: str) -> str:
    """A level as it is compared: in small letters, without signs, of 60 characters at most."""
    plain = unicodedata.normalize("NFKC", level)[: 4 * _LONGEST]
    return _SPACES.sub(" ", _KEPT.sub(" ", plain)).strip().casefold()[:_LONGEST].strip()


@lru_cache(maxsize=20_000)
def country_of(location: str) -> str:
    """The two letters of the country that a place names, which is its last part; else empty."""
    last = location.rsplit(",", 1)[-1]
    return _COUNTRIES.get(cleaned(last), "")


def is_country(code: str) -> bool:
    """Whether these are the two letters of a country, as features spell them."""
    return code in _CODES


def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in countries_for_language(language):
            found.setdefault(cleaned(name), code.upper())
    return found | {"uk": "GB", "usa": "US", "u.s.a.": "US", "england": "GB", "scotland": "GB"}


_COUNTRIES = _countries()
_CODES = frozenset(_COUNTRIES.values())


@lru_cache(maxsize=1_000)
def _size(told: str) -> str:
    """The band of a number of employees, or of the first number of a range."""
    number = _NUMBER.search(told.replace(",", "").replace(".", "").replace("'", "")[:40])
    if number is None or told.lstrip().startswith("-"):
        return ""
    count = int(number[0])
    if count == 0:
        return ""
    return next((band for most, band in _SIZES if count <= most), _LARGEST)


def _age(imported_at: datetime | None, now: datetime) -> str:
    if imported_at is None:
        return ""
    age = now - imported_at
    return next((band for most, band in _AGES if age < most), _OLDEST)
