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
_FOREIGN = r"\s?#@:;,|&\\<>\"`\u201c\u201d\u201e\u00ab\u00bb*=^$%!(){}\[\]"
"""What is in no name: it ends one in an address, and whoever is called so is nobody."""
_END = re.compile(f"[{_FOREIGN}]")
_IDENTIFIER = re.compile(f"[^/{_FOREIGN}]{{2,150}}")
_NOBODY = frozenset({"in", "pub", "me", "edit", "unavailable", "null", "none", "undefined"})
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_PARTS_OF_OLD_ADDRESS = 4
_OF_NAMES = "-_~"
"""Punctuation with which a name or an id may begin or end."""
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that nobody sees, beside what is of a category that nobody sees."""
_VARIATIONS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""How a symbol is drawn; after anything else they are not seen."""
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def identifier_of(text: str) -> str:
    """Whom somebody means by an address in whatever form, `in/x`, `@x` or an id; else nothing."""
    plain = _bare(_visible(unquote(text)).translate(_FULL_WIDTH))
    page = _PAGE.search(plain)
    if page is not None:
        named = _name(page[1].lower(), _END.split(page[2], maxsplit=1)[0].strip("/").split("/"))
    elif _ELSEWHERE.search(plain):
        return ""
    else:
        named = plain.strip("/")
    named = _bare(named)
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


def _bare(text: str) -> str:
    """A text without the spaces, quotes, brackets and stops around it."""
    begin, end = 0, len(text)
    while begin < end and _is_around(text[begin]):
        begin += 1
    while begin < end and _is_around(text[end - 1]):
        end -= 1
    return text[begin:end]


def _is_around(character: str) -> bool:
    category = unicodedata.category(character)
    return character not in _OF_NAMES and (category[0] in "PZ" or category in {"Sk", "Sm"})


def _visible(text: str) -> str:
    """A text without what nobody sees: zero-width characters, marks of direction, controls."""
    seen: list[str] = []
    for each in text:
        after_symbol = bool(seen) and unicodedata.category(seen[-1]).startswith("S")
        unseen = each in _UNSEEN or (each in _VARIATIONS and not after_symbol)
        if not unseen and unicodedata.category(each) not in {"Cf", "Cc", "Cs"}:
            seen.append(each)
    return "".join(seen)
