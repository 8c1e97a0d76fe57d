"""Japanese names in Latin letters, which are written in either order. Pure.

Every syllable of them ends in a vowel or in `n`, so two words that are both made of such syllables
may be one; then the names that are known (`japanese.toml`) tell which of them is whose. Long vowels
are spelled in many ways: `Ohno`, `Oono` and `Ōno` are one.
"""

# ruff: noqa: RUF001 - signs as people write them

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from campaigns.texts.names.lexicon import Meaning

_SYLLABLES = re.compile(
    r"(?:(?:kk?y|ss?h|t?ch|tt?s|[gnhmrbj]y|pp?y|k{1,2}|s{1,2}|t{1,2}|p{1,2}|[gzdnhbmyrwfj])?[aeiou]"
    r"|n'|n(?![aeiouy])|m(?=[bpm])|(?<=o)h(?![aeiouy]))+"
)
_LONG = re.compile(r"o[uo]|oh(?![aeiouy])")
_NASAL = re.compile(r"m(?=[bpm])")


def _listed() -> Mapping[str, frozenset[str]]:
    path = files("campaigns").joinpath("texts", "names", "japanese.toml")
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return {kind: frozenset(words.split()) for kind, words in told.items()}


LISTED = _listed()
"""Words by what they are, as they are compared."""


def may_be_japanese(words: Sequence[str]) -> bool:
    """Whether a name of two words is written as Japanese ones are."""
    return len(words) == 2 and all(  # noqa: PLR2004  family and given name, and no other
        _SYLLABLES.fullmatch(_plain(word)) is not None for word in words
    )


@lru_cache(maxsize=4_096)
def meaning(word: str) -> Meaning:
    """What a word is known as in Japan."""
    short = _NASAL.sub("n", _LONG.sub("o", _plain(word)).replace("uu", "u").replace("'", ""))
    family, given = short in LISTED["family"], short in LISTED["given"]
    if family and given:
        return Meaning.EITHER
    if family:
        return Meaning.FAMILY
    return Meaning.GIVEN if given else Meaning.UNKNOWN


def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFD", word.casefold().replace("’", "'"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
