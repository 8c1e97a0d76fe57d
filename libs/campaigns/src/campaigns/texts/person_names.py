"""Names as people would say them. Pure.

Profiles and lists carry degrees, emoji, pronouns, capitals and letters in costume
(`"DR. JANE DOE, MBA 🚀"`); nobody is greeted that way. What stands where a name should
and is none (`LinkedIn Member`, `CEO`, `J.`, an address, a company) is no name.
"""

# ruff: noqa: RUF001 - letters of other scripts are meant

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from campaigns.texts.blanks import WORDS_FOR_NOTHING, folded, is_blank
from campaigns.texts.companies import is_company, is_legal_form
from campaigns.texts.job_titles import JOBS, is_job, is_split_job
from campaigns.texts.names.left_alone import is_request_not_to, is_usual_request
from campaigns.texts.names.name_words import (
    ALONE_NO_NAME,
    CREDENTIALS,
    HONORIFICS,
    PARTICLES,
    PLACEHOLDER_NAMES,
    usual_word,
    without_titles,
)
from campaigns.texts.placeholders import is_unfilled

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|\"[^\"]*\"|“[^”]*”|«[^»]*»")
_SEPARATORS = re.compile(r"[,;|•·/\\–—:]|\s-+\s|\s[~@#&+]")
_VOWELS = frozenset("AEIOUYÆØŒIАЕИОУЫЭЮЯІЄΑΕΗΙΟΥΩ")
"""Without their accents."""
_INITIALS = 2
_ADDRESS = re.compile(
    r"(?i)\S@\S|https?:|\bwww\.|[(\[]at[)\]]"
    r"|\w\.(?:com|net|org|info|biz|io|eu)\b|\w{3}\.(?:de|ch|at|fr|es|it|nl|uk|co|ai)$"
)
_PRONOUNS = re.compile(r"(?i)\b(?:she|he|they)\s?/\s?(?:her|him|them|they)(?:\s?/\s?\w+)?\b")
_BROKEN = re.compile(r"[^\W\d_][?]+[^\W\d_]|\ufffd")
"""A letter that an export has lost: `J?rgen`."""
_MAILBOX = re.compile(r"[a-z]{3,}\.[a-z]{3,}")
_OF_A_LAWYER = frozenset({"RA", "RAin"})
"""Only in a cell of first names: in a whole name these may be initials."""
_MOST_GIVEN = 3
_MOST_WORDS = 5


def clean_name(name: str) -> str:
    """The name without titles, credentials, symbols and shouting; empty if nothing is left.

    Empty as well for what is no name but stands where one should.
    """
    return usual_word(name) or cleaned(name)


def cleaned(name: str) -> str:
    """The same of any name, slower."""
    name = _plain(name)
    plain = folded(name)
    if (
        is_blank(name)
        or is_unfilled(name)
        or plain in PLACEHOLDER_NAMES
        # `LinkedIn Member` in the words of any language; it is in nobody's name.
        or "linkedin" in plain
        or _ADDRESS.search(name)
        or _BROKEN.search(name)
    ):
        return ""
    name = _PRONOUNS.sub(" ", _BRACKETS.sub(" ", name))
    for part in _SEPARATORS.split(name):
        words = without_titles(_letters_only(part).split())
        if words:
            return _cased(words)
    return ""


def is_company_behind(full_name: str) -> bool:
    """Whether a company stands where a name should; behind a whole name it is where one works."""
    before, _, behind = full_name.partition(",")
    return is_company(before) or (is_company(full_name) and not is_company(behind))


def split_turned(full_name: str, *, anywhere: bool = False) -> tuple[str, str] | None:
    """First and last name of one that says the last name first, parted by a comma; else None.

    A single word before the comma is nobody's whole name (`Lovelace, Ada`), nor are particles and
    one (`van Beek, Jan`); `anywhere` takes several, for a column that is written so.
    """
    last, given = _turned(full_name)
    *particles, _ = last.split() or [""]
    is_last = anywhere or all(word.casefold() in PARTICLES for word in particles)
    return (given, last) if given and is_last else None


def _turned(full_name: str) -> tuple[str, str]:
    """Last and first name around a single comma; empty if something else stands behind it."""
    parts = _BRACKETS.sub(" ", _plain(full_name)).split(",")
    while len(parts) > 1 and _is_all(parts[-1], CREDENTIALS):
        parts.pop()
    if len(parts) != 2 or _SEPARATORS.search(parts[1]):  # noqa: PLR2004  before and behind
        return "", ""
    last, given = map(clean_name, parts)
    words = {word.casefold().replace(".", "") for word in parts[1].split()}
    is_name = (
        bool(last and given)
        and len(words) <= _MOST_GIVEN
        and not words & ((CREDENTIALS | JOBS) - HONORIFICS)
        and not _is_all(parts[1], ALONE_NO_NAME)
        and not is_company(parts[1])
        and not any(map(str.isdigit, parts[1]))
    )
    return (last, given) if is_name else ("", "")


def _is_all(text: str, words: Collection[str]) -> bool:
    return all(word.casefold().replace(".", "") in words for word in text.split())


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a person is called; each is empty where nothing is known to call them."""

    first: str = ""
    last: str = ""
    full: str = ""


def names_of(first: str, last: str, *, literal: Collection[str] = ()) -> Names:
    """The names in these two cells; what is meant as it stands (`literal`) is not judged.

    Initials are left out of a first name: who is known as `J. Robert` is greeted as Robert,
    and nobody as `J.`. A name that is spread over both, as `LinkedIn` `Member`, is judged whole.
    """
    usual = None if literal else _usual_names(first, last)
    return usual or judged_names(first, last, literal=literal)


@lru_cache(maxsize=2_048)
def _usual_names(first: str, last: str) -> Names | None:
    """Those in cells of a single word each that is a name beyond doubt; None for others.

    Remembered, for a row's are judged as it is read, and again as its lead is made.
    """
    given = usual_word(first)
    if not last:
        return Names(first=given, full=given) if given and not is_usual_request(first) else None
    family = usual_word(last) if given else ""
    said = f"{first}{last}".casefold()
    if (
        not family
        or family.casefold() in given.casefold()
        or said in WORDS_FOR_NOTHING
        or is_usual_request(first, last)
    ):
        return None
    return Names(first=given, last=family, full=f"{given} {family}")


def judged_names(first: str, last: str, *, literal: Collection[str] = ()) -> Names:
    """The same of any cells, slower."""
    first, last = " ".join(first.split()), " ".join(last.split())
    whole = f"{first} {last}"
    if (is_blank(whole) or is_request_not_to(whole)) and not {first, last, whole} & set(literal):
        return Names()
    last = last if last in literal else clean_name(last)
    if first in literal:
        return Names(first=first, last=last, full=f"{first} {last}".strip())
    if first and is_legal_form(last):
        return Names()
    called = _called(first, last)
    words = called.split()
    if is_split_job(words, last.split()):
        return Names()
    no_name = len(words) > _MOST_WORDS or is_company(first) or is_job(words) or _is_title(words)
    if no_name:
        return Names(last=last, full=last)
    return Names(
        first=" ".join(word for word in words if not _is_initial(word)),
        last=last,
        full=f"{called} {last}".strip(),
    )


def _called(first: str, last: str) -> str:
    """What a cell of first names says without forms of address and without the last name."""
    if _MAILBOX.fullmatch(first):
        whole = clean_name(first.replace(".", " "))
        given = _without_last(whole, last)
        return given if given != whole else ""
    before, _, behind = first.partition(" ")
    cell = behind if before in _OF_A_LAWYER and behind else first
    return _without_last(clean_name(_given_behind(cell)), last)


def _given_behind(first: str) -> str:
    """A cell for first names that says `Lovelace, Ada` says the last name first."""
    turned = split_turned(first) if "," in first else None
    return turned[0] if turned is not None else first


def _without_last(called: str, last: str) -> str:
    """What people are called where a cell has the last name too, at either end.

    Empty where it has nothing else: nobody knows whether that is the one or the other.
    """
    # Most cells have not, and lists are long.
    if not last or last.casefold() not in called.casefold():
        return called
    words = called.split()
    plain, family = [folded(word) for word in words], [folded(word) for word in last.split()]
    if plain[-len(family) :] == family:
        return " ".join(words[: -len(family)])
    return " ".join(words[len(family) :]) if plain[: len(family)] == family else called


def _is_title(words: list[str]) -> bool:
    """Whether nothing but forms of address and degrees is left."""
    return all(word.casefold().replace(".", "") in ALONE_NO_NAME for word in words)


def _is_initial(word: str) -> bool:
    """`J`, `J.` and `J.R.`, in scripts that have capitals; one letter of others is a name."""
    parts = [part for part in word.split(".") if part]
    return all(len(part) == 1 and part.lower() != part.upper() for part in parts)


def _plain(name: str) -> str:
    """The name in plain letters, where it is written in letters that look like them."""
    if name.isascii():
        return name
    return unicodedata.normalize("NFKC", "".join(map(_uncostumed, name)))


def _uncostumed(letter: str) -> str:
    if (
        "\u1d00" <= letter <= "\u1dbf"
        or "\ua730" <= letter <= "\ua7ff"
        or "\u0250" <= letter <= "\u02af"
    ):
        _, small_capital, plain = unicodedata.name(letter, "").partition("LETTER SMALL CAPITAL ")
        if small_capital and len(plain) == 1:
            return plain
    return letter


_ASCII_LETTERS = {n: chr(n) if chr(n).isalpha() or chr(n) in "'-." else " " for n in range(128)}


def _letters_only(text: str) -> str:
    """Drop what is neither a letter or its mark nor an apostrophe, hyphen, point or space."""
    if text.isascii():
        return text.translate(_ASCII_LETTERS)
    kept = (
        ""
        if unicodedata.category(letter) == "Cf"
        else letter
        if unicodedata.category(letter)[0] in "LM" and letter not in "\ufe0f\ufe0e"
        else letter
        if letter in "'’-."
        else " "
        for letter in unicodedata.normalize("NFC", text)
    )
    return "".join(kept)


def _cased(words: list[str]) -> str:
    text = " ".join(words)
    if text.isupper():
        return " ".join(_calm(word, first=i == 0) for i, word in enumerate(words))
    if text.islower():
        calm = [word if word in PARTICLES else _capitalised(word) for word in words]
        return " ".join(calm) if calm != words else _capitalised(text)
    return text


def _calm(word: str, *, first: bool) -> str:
    """A shouted word in title case; initials such as `JP` stay as they are."""
    letters = [letter for letter in word if letter.isalpha()]
    if (first and len(letters) <= _INITIALS) or not _has_vowel(word):
        return word
    return _capitalised(word.lower())


def _has_vowel(word: str) -> bool:
    return not _VOWELS.isdisjoint(unicodedata.normalize("NFD", word))


def _capitalised(word: str) -> str:
    parts = re.split(r"([-'’. ])", word)
    word = "".join(part[:1].upper() + part[1:] for part in parts)
    if word.startswith("Mc") and len(word) > len("Mc") + 1:
        word = "Mc" + word[2].upper() + word[3:]
    return word
