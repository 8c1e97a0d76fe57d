"""What stands around a variable of ours, or in its place, and was meant to be filled in. Pure.

A text that was converted by half has another tool's marks around it (`*|{{first_name}}|*`), and one
that a program has written says for nothing what no person would (`{{first_name|N/A}}`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from campaigns.texts.blanks import folded, is_blank, is_left_blank
from campaigns.texts.template import SENDER_VARIABLES, Choice, Part
from campaigns.texts.variables import Variable

_NAMES: Final = frozenset({"first_name", "last_name", "full_name"})
_WORDS: Final = frozenset({*_NAMES, "company", "title", *SENDER_VARIABLES})
"""Variables of which the value is never beside a sign that belongs to it, as a price is."""
GREETINGS = (
    r"(?:hi|hey|hello|dear|hallo|liebe[rs]?|lieber|moin|guten tag|bonjour|salut|cher|ch[èe]re|hola"
    r"|querid[oa]|ol[áa]|oi|prezad[oa]|ciao|salve|gentile|beste|hoi|hej|cześć)"
)
"""What letters begin with, in small letters, as a pattern."""
_AROUND = re.compile(
    rf"(?:\*\||<{{1,2}}|%{{1,2}}|\${{1,2}}|\#{{1,2}}|\[\s*(?:(?i:{GREETINGS})\s+)?)$"
)
_CLOSED_BY: Final = {
    "*|": ("|*",),
    "<": (">",),
    "<<": (">>",),
    "%": ("%",),
    "%%": ("%%",),
    "$$": ("$$",),
    "$": ("$", ""),
    "#": ("#",),
    "##": ("##",),
}
"""Marks of other tools around a variable's name, where ours stands in them."""
_BRACKET = re.compile(r"\s*[,!.]?\s*\]")
"""What closes a bracket in which nothing stands but a name, or a greeting and a name."""


def marked(parts: Sequence[Part]) -> Iterator[str]:
    """Variables in the marks of another tool, which would stand around what is put in."""
    for before, each, after in zip(("", *parts), parts, (*parts[1:], ""), strict=False):
        if isinstance(each, Choice):
            for option in each.options:
                yield from marked(option)
        elif isinstance(each, Variable) and each.name in _WORDS and isinstance(before, str):
            opening = _AROUND.search(before)
            closing = _closing(opening[0], after, each) if opening else None
            if opening and closing is not None:
                yield f"{opening[0]}{{{{{each.name}}}}}{closing}"


def _closing(opening: str, after: Part, variable: Variable) -> str | None:
    """What closes the marks behind a variable; None if they belong to it as other signs do."""
    said = after if isinstance(after, str) else ""
    if opening.startswith("["):
        closed = _BRACKET.match(said) if variable.name in _NAMES else None
        return closed[0] if closed else None
    return next((each for each in _CLOSED_BY[opening] if said.startswith(each)), None)


def blank_fallbacks(meant: Iterable[Variable]) -> Iterator[str]:
    """Fallbacks that a program wrote for nothing, and for a name those that nobody is called.

    A name and a company are not signs alone either: who means to say nothing leaves it empty.
    """
    for each in meant:
        said = each.fallback or ""
        name = each.name.removeprefix("sender.")
        is_none = bool(said.strip()) and is_blank(said)
        nameless = is_none and (name in _NAMES or (name == "company" and not folded(said)))
        if is_left_blank(said) or nameless:
            yield said
