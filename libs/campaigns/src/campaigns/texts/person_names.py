"""Names as people would say them. Pure.

Profiles and lists carry degrees, emoji, pronouns and capitals
(`"DR. JANE DOE, MBA 🚀"`); nobody is greeted that way.
"""

from __future__ import annotations

import re
import unicodedata

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|\"[^\"]*\"|“[^”]*”|«[^»]*»")
_SEPARATORS = re.compile(r"[,;|•·/\\–—:]|\s-+\s|\s[~@#&+]")  # noqa: RUF001  dashes are meant
_HONORIFICS = frozenset(
    "dr prof professor mr mrs ms miss mx sir dame ing dipl.-ing dipl rev".split()  # noqa: SIM905  words read best as words
)
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
_VOWELS = frozenset("AEIOUYÀÁÂÃÄÅÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜÝ")
_INITIALS = 2


def clean_name(name: str) -> str:
    """The name without titles, credentials, symbols and shouting; empty if nothing is left."""
    name = _BRACKETS.sub(" ", name)
    for part in _SEPARATORS.split(name):
        words = _without_titles(_letters_only(part).split())
        if words:
            return _cased(words)
    return ""


def split_name(full_name: str) -> tuple[str, str]:
    """First and last name of a full name; a single word is a first name."""
    first, _, last = clean_name(full_name).partition(" ")
    return first, last.strip()


def _letters_only(text: str) -> str:
    """Drop what is neither a letter or its mark nor an apostrophe, hyphen, point or space."""
    kept = (
        letter
        if unicodedata.category(letter)[0] in "LM" and letter not in "\ufe0f\ufe0e"
        else letter
        if letter in "'’-."  # noqa: RUF001  a typographic apostrophe is meant
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
    return [word.strip("-'’") for word in words if word.strip("-'’")]  # noqa: RUF001


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
    if (first and len(letters) <= _INITIALS) or not _VOWELS.intersection(word):
        return word
    return _capitalised(word.lower())


def _capitalised(word: str) -> str:
    parts = re.split(r"([-'’. ])", word)  # noqa: RUF001  a typographic apostrophe is meant
    word = "".join(part[:1].upper() + part[1:] for part in parts)
    if word.startswith("Mc") and len(word) > len("Mc") + 1:
        word = "Mc" + word[2].upper() + word[3:]
    return word
