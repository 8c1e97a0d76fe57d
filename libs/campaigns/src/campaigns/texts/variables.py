"""What variables are called, in whatever way a text or a lead list spells them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

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
