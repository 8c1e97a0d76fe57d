"""Whether the letters of a reading occur in names, by words of western lists. Pure.

In a list with one letter that is not ASCII, nothing but the word says which of two letters it is:
`Köhn` of MS-DOS reads as `Kîhn` of an old Mac. `ö` stands between `k` and `h` in many names, and
`î` in none; `letters.toml` has the words by which that is known.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from importlib.resources import files

_WORD = re.compile(r"[^\W\d_]+")
_KNOWN, _FAMILIAR, _HALF_FAMILIAR = 3, 2, 1
"""What it counts if a word is known, if its letter stands so in another, or on one side of it."""


def occurrence(text: str) -> int:
    """How well known the letters of a text's words are, where they are not ASCII."""
    return sum(_of_word(word[0].lower()) for word in _WORD.finditer(text) if not word[0].isascii())


def _of_word(word: str) -> int:
    if word in _WORDS:
        return _KNOWN * len(list(_places(word)))
    return sum(map(_of_place, _places(word)))


def _of_place(around: tuple[str, str, str]) -> int:
    before, letter, behind = around
    if around in _THREES:
        return _FAMILIAR
    return _HALF_FAMILIAR if {(before, letter, ""), ("", letter, behind)} <= _HALVES else 0


def _places(word: str) -> Iterator[tuple[str, str, str]]:
    """Each letter that is not ASCII, between its neighbours; a space is where the word ends."""
    text = f" {word} "
    for i in range(1, len(text) - 1):
        if text[i] > "\x7f":
            yield text[i - 1], text[i], text[i + 1]


def _halves(threes: Collection[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    for before, letter, behind in threes:
        yield before, letter, ""
        yield "", letter, behind


_WORDS = frozenset(
    word.strip()
    for listed in tomllib.loads(
        files("campaigns").joinpath("leads", "letters.toml").read_text(encoding="utf-8")
    ).values()
    for word in listed.replace("\n", ",").split(",")
    if word.strip() and not word.isascii()
)
_THREES = frozenset(three for word in _WORDS for three in _places(word))
_HALVES = frozenset(_halves(_THREES))
