"""Names of languages that say the family name first, as `names.toml` has them. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

_MARRIED = "né"
"""Behind a Hungarian man's name: his wife, whose own given name it is not."""


class Meaning(StrEnum):
    """What a word of a name is known as."""

    FAMILY = "family"
    GIVEN = "given"
    EITHER = "either"
    MARRIED = "married"
    UNKNOWN = "unknown"


@lru_cache(maxsize=4_096)
def plain(word: str) -> str:
    """A word as names are compared: without case, accents and points."""
    letters = unicodedata.normalize("NFD", word.casefold().replace("đ", "d"))
    return "".join(letter for letter in letters if letter.isalpha() or letter == "-")


def _spelt(word: str) -> str:
    return unicodedata.normalize("NFC", word.strip().casefold())


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The names of one language, without case and accents."""

    language: str
    family: frozenset[str]
    spelt: frozenset[str]
    """Family names with their accents."""
    given: frozenset[str]
    either: frozenset[str]
    sounds: re.Pattern[str] | None

    @property
    def knows_given(self) -> bool:
        """Whether given names are a list of their own; else any words may be one."""
        return bool(self.given)

    def is_given(self, word: str) -> bool:
        """Whether somebody is called so, whatever else the word is."""
        return plain(word) in self.given

    def may_be_families(self, *words: str) -> bool:
        """Whether each may be a family name, and none of them is known to be given to anybody."""
        return all(
            plain(word).partition("-")[0] in self.family and not self.is_given(word)
            for word in words
        )

    def meaning(self, word: str) -> Meaning:
        """What a word is known as; of two that are joined the first one counts."""
        whole, spelt = plain(word), _spelt(word)
        if spelt in self.spelt and whole not in self.given:
            return Meaning.FAMILY
        if not spelt.endswith(_MARRIED) or not self.given:
            return self._of(whole.partition("-")[0])
        stem = self._of(plain(spelt.removesuffix(_MARRIED)).rpartition("-")[2])
        if stem is Meaning.UNKNOWN:
            return self._of(whole)
        # `Kovácsné Szép Éva` has a name of her own, `Kovács Istvánné` has her husband's.
        return Meaning.FAMILY if stem is Meaning.FAMILY else Meaning.MARRIED

    def sounds_like(self, words: Sequence[str]) -> bool:
        """Whether all words behind the first are written as the language's names are."""
        return self.sounds is not None and all(
            self.sounds.fullmatch(plain(word)) is not None for word in words[1:]
        )

    def given_behind(self, words: Sequence[str]) -> Sequence[str]:
        """The given name of one that begins with the family's; empty where none is known."""
        if len(words) < 2 or self.meaning(words[-1]) is Meaning.MARRIED:  # noqa: PLR2004
            return ()
        if not self.knows_given:
            # In Vietnam people are called by the last word, elsewhere by all behind the first.
            return tuple(words[-1:] if self.language == "vi" else words[1:])
        begin = len(words) - 1
        while begin > 1 and self.meaning(words[begin - 1]) is Meaning.GIVEN:
            begin -= 1
        return tuple(words[begin:])

    def _of(self, word: str) -> Meaning:
        family, given = word in self.family, word in self.given
        if word in self.either or (family and given):
            return Meaning.EITHER
        if family:
            return Meaning.FAMILY
        return Meaning.GIVEN if given else Meaning.UNKNOWN


def _words(entry: Mapping[str, str], kind: str) -> frozenset[str]:
    return frozenset(plain(word) for word in entry.get(kind, "").split(",") if word.strip())


_ENTRIES: Mapping[str, Mapping[str, str]] = tomllib.loads(
    files("campaigns").joinpath("texts", "names", "names.toml").read_text(encoding="utf-8")
)
LEXICONS: Mapping[str, Lexicon] = {
    language: Lexicon(
        language=language,
        family=_words(entry, "family"),
        spelt=frozenset(
            word
            for each in entry.get("family", "").split(",")
            if not (word := _spelt(each)).isascii()
        ),
        given=_words(entry, "given"),
        either=_words(entry, "either"),
        sounds=re.compile(entry["sounds"].strip()) if "sounds" in entry else None,
    )
    for language, entry in _ENTRIES.items()
}
"""By the language's code."""
_ANY = frozenset().union(*(each.family | each.given for each in LEXICONS.values()))


def is_known(word: str) -> bool:
    """Whether any lexicon may have something to say of a word."""
    return plain(word).partition("-")[0] in _ANY or _spelt(word).endswith(_MARRIED)


def listed(language: str, kind: str) -> Sequence[str]:
    """Further words of a language, as they stand."""
    return [word.strip() for word in _ENTRIES[language].get(kind, "").split(",")]
