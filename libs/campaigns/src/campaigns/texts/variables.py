"""What variables are called, in whatever way a text or a lead list spells them. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_A_WORD = re.compile(r"[\W_]+")

_FIELD_BY_ALIAS: Mapping[str, str] = {
    alias: name
    for name, aliases in {
        "first_name": "firstname fname givenname forename first",
        "last_name": "lastname lname surname familyname last",
        "full_name": "fullname name",
        "company": "company companyname organization organisation employer currentcompany",
        "title": "title jobtitle position role job currenttitle currentposition designation",
        "email": "email emailaddress mail",
        "phone": "phone phonenumber mobile telephone",
        "location": "location",
        "industry": "industry",
    }.items()
    for alias in aliases.split()
}

LEAD_VARIABLES: Final = (
    *("first_name", "last_name", "full_name", "company", "title", "email", "phone"),
    *("location", "industry"),
)
_SHORT_FOR: Final = {
    short: name
    for name, shorts in {
        "first_name": "fn fname vorname prenom prénom nombre name",
        "last_name": "ln lname nachname",
        "company": "firma empresa entreprise",
        "sender.full_name": "yourname",
    }.items()
    for short in shorts.split()
}


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable in a text; `fallback` is None where there is none."""

    name: str
    fallback: str | None = None


@lru_cache(maxsize=4_096)
def variable_name(name: str) -> str:
    """The one spelling of a name: `Job Title`, `jobTitle` and `job-title` are `title`.

    Names that are no field of a lead come out in snake case, as the columns of a
    lead list do.
    """
    words = _NOT_A_WORD.sub("_", _CAMEL.sub("_", name.strip())).strip("_").lower()
    return _FIELD_BY_ALIAS.get(words.replace("_", ""), words)


def is_lead_field(name: str) -> bool:
    """Whether every lead has this field, whatever columns its list had."""
    return variable_name(name).replace("_", "") in _FIELD_BY_ALIAS


def likely_variable(text: str) -> str:
    """The variable that was likely meant, in whatever marks it stands; empty if nobody knows.

    A name that no lead has may be a column of the list.
    """
    inner = text.strip("[]<>%*|_$#@~^!:«»() ")
    name = variable_name(inner)
    known = _SHORT_FOR.get(name.replace("_", ""))
    if known or is_lead_field(inner):
        return known or name
    close = difflib.get_close_matches(name, LEAD_VARIABLES, n=1, cutoff=0.75)
    if close:
        return close[0]
    return name if re.fullmatch(r"[a-z]\w{0,60}", name) and "_" in inner.strip("_") else ""
