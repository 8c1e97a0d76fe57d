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

from campaigns.texts.blanks import folded, is_blank
from campaigns.texts.companies import is_company, is_legal_form
from campaigns.texts.job_titles import JOBS, is_job
from campaigns.texts.placeholders import is_unfilled
from campaigns.texts.words import words_for

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|\"[^\"]*\"|“[^”]*”|«[^»]*»")
_SEPARATORS = re.compile(r"[,;|•·/\\–—:]|\s-+\s|\s[~@#&+]")
_HONORIFICS = frozenset(
    """
    dr prof professor mr mrs ms miss mx sir dame ing dipl.-ing dipl rev mag herr frau hr mme mlle
    monsieur madame mademoiselle señor señora señorita srta sra sig signor signora signorina
    dhr mevr mevrouw meneer senhor senhora pan pani
    """.split()  # noqa: SIM905  words read best as words
) | {title.casefold() for title in words_for("titles")}
_ALONE_NO_NAME = (_HONORIFICS - {"pan", "pani", "mag", "dame"}) | {"phd", "mba", "esq", "jr", "sr"}
_CREDENTIALS = frozenset(
    """
    aca acca aia apr ba bba bcba bs bsc ca cae ccim ccie cfa cfe cfp chrp cia cima cipd cipp cisa
    cism cissp clu cma cmo cpa cpim cpp cscp csm cspo ctp dba dc dds dmd dnp do dpt dvm edd emba
    esq
    facs fcca frm gphr hr itil jd jr leed llb llm lmft lpc lcsw ma mba mbbs mcips md med meng mfa
    mha mph ms msc msw mst np od ot pa pcc pe pgmp pharmd phd ph.d phr pm pmi-acp pmp psyd rd rn rpa
    shrm-cp shrm-scp sphr sr ii iii iv
    """.split()  # noqa: SIM905  words read best as words
)
_AMBIGUOUS_CREDENTIALS = frozenset(
    "ma do jr sr ii iii iv ba pa hr ms ot od np med pe pm ca".split()  # noqa: SIM905  words read best as words
)
_PARTICLES = frozenset(
    """
    af al ap bin da das de del della den der di do dos du e el ibn la le ten ter und van von y zu
    zum zur
    """.split()  # noqa: SIM905  words read best as words
)
_VOWELS = frozenset("AEIOUYÆØŒIАЕИОУЫЭЮЯІЄΑΕΗΙΟΥΩ")
"""Without their accents."""
_INITIALS = 2
_ADDRESS = re.compile(
    r"(?i)\S@\S|https?:|\bwww\.|[(\[]at[)\]]"
    r"|\w\.(?:com|net|org|info|biz|io|eu)\b|\w{3}\.(?:de|ch|at|fr|es|it|nl|uk|co|ai)$"
)
_PRONOUNS = re.compile(r"(?i)\b(?:she|he|they)\s?/\s?(?:her|him|them|they)(?:\s?/\s?\w+)?\b")
_PLACEHOLDER_NAMES = frozenset(
    """
    linkedin member user firstname lastname fullname name yourname fname lname surname givenname
    vorname nachname prénom prenom nom nombre apellido apellidos sobrenome cognome voornaam
    achternaam test tester testuser asdf qwerty xx xxx xxxx abc foo admin info sir madam sirmadam
    customer client contact lead person owner true false yes no guest available dear hi hello
    newlead towhomitmayconcern hiring werehiring opentowork opentonewopportunities lookingforajob
    jobseeker
    """.split()  # noqa: SIM905  words read best as words
)
_MOST_GIVEN = 3
_MOST_WORDS = 5


def clean_name(name: str) -> str:
    """The name without titles, credentials, symbols and shouting; empty if nothing is left.

    Empty as well for what is no name but stands where one should.
    """
    name = _plain(name)
    plain = folded(name)
    if (
        is_blank(name)
        or is_unfilled(name)
        or plain in _PLACEHOLDER_NAMES
        # `LinkedIn Member` in the words of any language; it is in nobody's name.
        or "linkedin" in plain
        or _ADDRESS.search(name)
    ):
        return ""
    name = _PRONOUNS.sub(" ", _BRACKETS.sub(" ", name))
    for part in _SEPARATORS.split(name):
        words = _without_titles(_letters_only(part).split())
        if words:
            return _cased(words)
    return ""


def split_name(full_name: str, *, turned: bool = False) -> tuple[str, str]:
    """First and last name of a full name; a single word is a first name.

    `turned` is for a column that says the last name first: `Byron King, Ada`. A single word before
    the comma is nobody's whole name, so `Lovelace, Ada` is understood anywhere. Of a company both
    are empty.
    """
    before, _, behind = full_name.partition(",")
    # Behind a whole name a company is where somebody works.
    if is_company(before) or (is_company(full_name) and not is_company(behind)):
        return "", ""
    if turned or is_turned(full_name):
        last, given = _turned(full_name)
        if given:
            return given, last
    first, _, last = clean_name(full_name).partition(" ")
    return first, last.strip()


def is_turned(full_name: str) -> bool:
    """Whether the last name stands first, parted by a comma: `Lovelace, Ada`, `van Beek, Jan`."""
    last, given = _turned(full_name)
    *particles, _ = last.split() or [""]
    return bool(given) and all(word.casefold() in _PARTICLES for word in particles)


def _turned(full_name: str) -> tuple[str, str]:
    """Last and first name around a single comma; empty if something else stands behind it."""
    parts = _BRACKETS.sub(" ", _plain(full_name)).split(",")
    while len(parts) > 1 and _is_all(parts[-1], _CREDENTIALS):
        parts.pop()
    if len(parts) != 2 or _SEPARATORS.search(parts[1]):  # noqa: PLR2004  before and behind
        return "", ""
    last, given = map(clean_name, parts)
    words = {word.casefold().replace(".", "") for word in parts[1].split()}
    is_name = (
        bool(last and given)
        and len(words) <= _MOST_GIVEN
        and not words & ((_CREDENTIALS | JOBS) - _HONORIFICS)
        and not _is_all(parts[1], _ALONE_NO_NAME)
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
    first, last = " ".join(first.split()), " ".join(last.split())
    if is_blank(f"{first} {last}") and not {first, last} & set(literal):
        return Names()
    last = last if last in literal else clean_name(last)
    if first in literal:
        return Names(first=first, last=last, full=f"{first} {last}".strip())
    if first and is_legal_form(last):
        return Names()
    called = clean_name(first)
    words = called.split()
    no_name = len(words) > _MOST_WORDS or is_company(first) or is_job(words) or _is_title(words)
    if no_name:
        return Names(last=last, full=last)
    return Names(
        first=" ".join(word for word in words if not _is_initial(word)),
        last=last,
        full=f"{called} {last}".strip(),
    )


def _is_title(words: list[str]) -> bool:
    """Whether nothing but forms of address and degrees is left."""
    return all(word.casefold().strip(".") in _ALONE_NO_NAME for word in words)


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


def _letters_only(text: str) -> str:
    """Drop what is neither a letter or its mark nor an apostrophe, hyphen, point or space."""
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


def _without_titles(words: list[str]) -> list[str]:
    words = [word for word in words if any(letter.isalpha() for letter in word)]
    while len(words) > 1 and words[0].lower().strip(".") in _HONORIFICS and not _is_shout(words):
        words = words[1:]
    while len(words) > 1 and words[0].endswith(".") and words[0].lower().strip(".") in _HONORIFICS:
        words = words[1:]
    while len(words) > 1 and _is_credential(words[-1], others=words[:-1]):
        words = words[:-1]
    return [word.strip("-'’") for word in words if word.strip("-'’")]


def _is_shout(words: list[str]) -> bool:
    return all(word.isupper() for word in words)


def _is_credential(word: str, *, others: list[str]) -> bool:
    plain = word.lower().strip(".").replace(".", "")
    if plain not in _CREDENTIALS:
        return False
    if plain in _AMBIGUOUS_CREDENTIALS:
        return word.isupper() and not _is_shout(others)
    return word[:1].isupper() or "." in word


def _cased(words: list[str]) -> str:
    text = " ".join(words)
    if text.isupper():
        return " ".join(_calm(word, first=i == 0) for i, word in enumerate(words))
    if text.islower():
        calm = [word if word in _PARTICLES else _capitalised(word) for word in words]
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
