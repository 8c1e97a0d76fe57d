"""Whom somebody means, out of what they wrote. Pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from linkedin_gateway.models.person import is_provider_id, person_key

_KINDS = "(in|pub|sales/lead|sales/people|talent/profile)/(.+)"
_PAGE = re.compile(rf"(?:^/?|linkedin\.com/){_KINDS}", re.IGNORECASE | re.DOTALL)
_FURTHER = re.compile(rf"linkedin\.com/{_KINDS}", re.IGNORECASE | re.DOTALL)
_ELSEWHERE = re.compile(r"^[a-z]+:|linkedin\.com|^www\.", re.IGNORECASE)
_FOREIGN = r"\s?#@:;,|&\\<>\"`\u201c\u201d\u201e\u00ab\u00bb*=^$%!(){}\[\]"
"""What is in no name: it ends one in an address, and whoever is called so is nobody."""
_END = re.compile(f"[{_FOREIGN}]")
_IDENTIFIER = re.compile(f"[^/{_FOREIGN}]{{2,150}}")
_BREAKS = "%\t\n\v\f\r"
"""After these it cannot be told whether the name goes on: to cut there may name somebody else."""
_ESCAPED_SPACE = re.compile("%(?:25)*(?:20|C2%(?:25)*A0|0[9ACD])", re.IGNORECASE)
_MOST_ESCAPES = 4
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
    """Whom somebody means by an address in whatever form, `in/x`, `@x` or an id; else nothing.

    Who means several people means nobody: each is to be named by themselves.
    """
    plain = _bare(_visible(_unescaped(text)).translate(_FULL_WIDTH))
    page = _PAGE.search(plain)
    if page is not None:
        named, rest = _of_page(page)
        while named and (page := _FURTHER.search(rest)) is not None:
            another, rest = _of_page(page)
            if another and another != named:
                return ""
        return named
    if _ELSEWHERE.search(plain):
        return ""
    return _somebody(plain.strip("/"))


def _of_page(page: re.Match[str]) -> tuple[str, str]:
    """Whose page an address is, and what stands behind it."""
    end = _END.search(page[2])
    if end is None:
        path, rest = page[2], ""
    else:
        path, rest = page[2][: end.start()], page[2][end.start() :]
    if rest[:1] in _BREAKS and _bare(rest):
        return "", rest
    return _somebody(_name(page[1].lower(), path.strip("/").split("/"))), rest


def _somebody(named: str) -> str:
    """A name or an id in one spelling; empty if nobody can be called so."""
    named = _bare(named)
    identifier = person_key(named if is_provider_id(named) else named.translate(_DASHES))
    if not _IDENTIFIER.fullmatch(identifier) or identifier in _NOBODY:
        return ""
    return identifier


def _unescaped(text: str) -> str:
    """A text as it was before tools escaped it, which they do again and again.

    A space that was escaped is within the name, which no name has.
    """
    text = _ESCAPED_SPACE.sub("%0B", text)
    for _ in range(_MOST_ESCAPES):
        text = unquote(text)
    return text


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
    around = category[0] in "PZ" or category in {"Sk", "Sm"} or character.isspace()
    return around and character not in _OF_NAMES


def _visible(text: str) -> str:
    """A text without what nobody sees: zero-width characters, marks of direction, controls.

    What breaks a line or parts columns is seen.
    """
    seen: list[str] = []
    for each in text:
        after_symbol = bool(seen) and unicodedata.category(seen[-1]).startswith("S")
        unseen = each in _UNSEEN or (each in _VARIATIONS and not after_symbol)
        hidden = unicodedata.category(each) in {"Cf", "Cc", "Cs"} and each not in _BREAKS
        if not unseen and not hidden:
            seen.append(each)
    return "".join(seen)
