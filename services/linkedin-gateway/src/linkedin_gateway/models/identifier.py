"""Whom somebody means, out of what they wrote. Pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from linkedin_gateway.models.person import is_provider_id, person_key

_PAGE = re.compile(
    r"(?:^/?|linkedin\.com/)(in|pub|sales/lead|sales/people|talent/profile)/(.+)", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"^[a-z]+:|linkedin\.com|^www\.", re.IGNORECASE)
_END = re.compile(r"[?#,\s\"]")
_IDENTIFIER = re.compile(r"[^\s/?#@:<>\"]{2,150}")
_NOBODY = frozenset({"in", "pub", "me", "edit", "unavailable", "null", "none", "undefined"})
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_PARTS_OF_OLD_ADDRESS = 4


def identifier_of(text: str) -> str:
    """Whom somebody means by an address in whatever form, `in/x`, `@x` or an id; else nothing."""
    plain = _visible(unquote(text)).strip().removeprefix("@")
    page = _PAGE.search(plain)
    if page is not None:
        named = _name(page[1].lower(), _END.split(page[2], maxsplit=1)[0].strip("/").split("/"))
    elif _ELSEWHERE.search(plain):
        return ""
    else:
        named = plain.strip("/")
    named = named.rstrip(".,;)>]'")
    identifier = person_key(named if is_provider_id(named) else named.translate(_DASHES))
    if not _IDENTIFIER.fullmatch(identifier) or identifier in _NOBODY:
        return ""
    return identifier


def _name(page: str, parts: list[str]) -> str:
    """The name in the parts of a path; a prefix that stands twice counts once."""
    while len(parts) > 1 and parts[0].lower() == "in":
        parts = parts[1:]
    if page == "pub" and len(parts) == _PARTS_OF_OLD_ADDRESS:
        # `pub/ada-quill/1a/2b3/c4d` was `in/ada-quill-c4d2b31a` ever since.
        name, first, second, third = parts
        return f"{name}-{third}{second}{first}"
    return parts[0]


def _visible(text: str) -> str:
    """A text without what nobody sees: zero-width characters, marks of direction, controls."""
    return "".join(each for each in text if unicodedata.category(each) not in {"Cf", "Cc", "Cs"})
