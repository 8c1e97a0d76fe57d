"""Whether a text of one byte a letter is of Central Europe, by how its letters stand. Pure.

One byte is `ø` to a spreadsheet in Copenhagen and `ř` to one in Prague, and nothing in a file says
which. But `ø` stands among consonants and `ř` beside vowels, `ñ` before a vowel and `ń` before
none, `ł` is a sign to western readers, and no language has all letters: `Dvoøák` is written in
none. Only the letters in which two readings differ are judged; where it is close the western one
counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from campaigns.texts.words import words_for

ENCODINGS = ("cp1250", "iso8859-2")
_LEAST_LEAD = 2
"""Points by which a reading must be the better one."""
_IMPOSSIBLE = -3
_ALPHABETS = {
    "cp1252": (
        *("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúüçàèïòº", "ãõçáéíóúâêôà", "àèéìíîòóùú", "åäöæøéüè"),
        *("ëïéèöüäê", "áðéíóúýþæö", "õäöüšž"),
    ),
    "central": (
        *("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
        *("äöüß", "éèêëç"),
    ),
}
_HEADERS = frozenset(
    word.casefold()
    for language in ("hu", "cs", "sk", "pl", "sl", "hr", "ro")
    for field in ("first_name", "last_name", "full_name", "company", "title")
    for word in words_for(field, language)
    if not word.isascii()
)
_OF_HEADERS = 50
"""Points; what a list is in outweighs how some letters of it stand."""
_HEADER = 400
"""Characters of a list among which its header is."""
_VOWELS = frozenset("aeiouyæøåœ")
_WORD = re.compile(r"[^\W\d_]*(?:[^\W\d_]|[^\x00-\x7f\s])+")
_HUNGARIAN = frozenset({"gy", "sz", "zs", "cs", "ny", "ly", "ty"})
_ORDINALS = frozenset("ªº")
_NEVER_FIRST = frozenset("ąęůě")


def likelier(sample: bytes, western: str) -> str:
    """The encoding of Central Europe that the sample is in, or else the western one."""
    points = {name: _points(sample, name, western) for name in ENCODINGS}
    best = max(points, key=lambda name: points[name][0] - points[name][1])
    central, other = points[best]
    central += _OF_HEADERS if _has_its_headers(sample.decode(best, "replace")) else 0
    return best if central > 0 and central >= other + _LEAST_LEAD else western


def of_no_language(text: str) -> bool:
    """Whether most words of a western text have letters that no language there has together."""
    words = [letters for word in _WORD.findall(text) if (letters := _accented(word))]
    alphabets = [set(alphabet) for alphabet in _ALPHABETS["cp1252"]]
    strange = [letters for letters in words if not any(letters <= each for each in alphabets)]
    return len(strange) * 2 > len(words)


def _accented(word: str) -> set[str]:
    return {c for c in word.lower() if c.isalpha() and c > "\x7f" and c not in _ORDINALS}


def _has_its_headers(text: str) -> bool:
    """Whether words stand there that head columns in a language of Central Europe alone."""
    return not _HEADERS.isdisjoint(re.findall(r"[^\W\d_]+", text[:_HEADER].casefold()))


def _points(sample: bytes, central: str, western: str) -> tuple[int, int]:
    """How well the central and the western reading stand where they differ."""
    ours, others = sample.decode(central, "replace"), sample.decode(western, "replace")
    differs = {i for i in range(len(ours)) if ours[i] != others[i]}
    return (
        _of_text(ours, differs, _ALPHABETS["central"]),
        _of_text(others, differs, _ALPHABETS.get(western, ())),
    )


def _of_text(text: str, differs: set[int], alphabets: tuple[str, ...]) -> int:
    return sum(_of_words(text, differs, alphabets))


def _of_words(text: str, differs: set[int], alphabets: tuple[str, ...]) -> Iterator[int]:
    for word in _WORD.finditer(text):
        places = [i for i in range(*word.span()) if i in differs]
        if not places:
            continue
        letters = {letter for letter in word[0].lower() if letter.isalpha() and letter > "\x7f"}
        if alphabets and not any(letters <= set(alphabet) for alphabet in alphabets):
            yield _IMPOSSIBLE
        for i in places:
            around = text[max(word.start(), i - 2) : i], text[i], text[i + 1 : word.end()][:1]
            yield _of_letter(*around)


def _of_letter(before: str, letter: str, behind: str) -> int:
    """How well a letter stands behind these two and before this one, of its word."""
    last = before[-1:]
    is_sign = not letter.isalpha() or letter in "ªº\ufffd"
    if is_sign or (letter.isupper() and last.islower()):
        return _IMPOSSIBLE if behind.isalpha() or last.isalpha() else 0
    plain, before, behind = letter.lower(), before.lower(), behind.lower()
    last = before[-1:]
    vowels = _is_vowel(last) + _is_vowel(behind)
    if plain in _NEVER_FIRST and not last:
        return -2
    if plain in "ñń":
        return 1 if _is_vowel(behind) == (plain == "ñ") else -2
    if plain in "őűûõ" and (before in _HUNGARIAN or (not behind and plain not in "űû")):
        return 1 if plain in "őű" else -1
    if plain in _NO_EVIDENCE and (before, behind) != ("", ""):
        return 0
    rule = _RULES.get(plain)
    fits = rule(before, behind) if rule else bool(vowels) != _is_vowel(plain)
    return 1 if fits else -1


def _is_vowel(letter: str) -> bool:
    return bool(letter) and unicodedata.normalize("NFD", letter)[0] in _VOWELS


def _is_grave_e(before: str, behind: str) -> bool:
    """`Rivière`, `Giguère`, `Giosuè`, and no `Havlíèek`."""
    after_vowel = before[-1:] == "i" or before in {"gu", "qu"}
    if not behind:
        return before[-1:] == "u" or not _is_vowel(before[-1:])
    return not _is_vowel(behind) and (after_vowel or not _is_vowel(before[-1:]))


_RULES: Mapping[str, Callable[[str, str], bool]] = {
    **dict.fromkeys("ìòùà", lambda _, behind: not behind.isalpha()),
    "è": _is_grave_e,
    "ã": lambda _, behind: behind in {"", "e", "o"},
    "õ": lambda _before, _behind: True,
    "ă": lambda _, behind: behind not in {"e", "o"},
    "û": lambda _before, _behind: True,
    "ï": lambda before, _: _is_vowel(before[-1:]),
    "œ": lambda _, behind: behind == "u",
    "ø": lambda before, behind: not _is_vowel(before[-1:]) and behind not in {*"aiouáéíóú"},
    "þ": lambda before, _: not before,
    "ð": lambda before, _: bool(before),
    "š": lambda before, behind: (
        any(map(_is_vowel, (before[-1:], behind))) or (not before and behind in {*"kptmnvl"})
    ),
    "ĺ": lambda _before, _behind: False,
    "ŕ": lambda _before, _behind: False,
}
"""Where letters stand that are told apart by more than the vowels beside them."""
_NO_EVIDENCE = frozenset("êęţđőű")
