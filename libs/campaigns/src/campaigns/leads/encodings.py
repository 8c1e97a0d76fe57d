"""Which encoding a list is in, by evidence, as it arrives. Pure.

A byte order mark says it; else NUL beside every letter is UTF-16, and what reads as UTF-8 is.
A file with neither was saved by a spreadsheet of Windows, of an old Mac or for MS-DOS: all are
tried, and the one counts in which letters stand where letters stand, and signs where signs do; then
whether it was one of Central Europe (`central_europe.py`). What none can have written, or no
language has, is not guessed: such rows are told and not read.
"""

# ruff: noqa: RUF001 - quotes and dashes are meant

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

from campaigns.leads.central_europe import likelier, of_no_language
from campaigns.leads.letters import occurrence

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "mac-roman": "Mac Roman",
    "cp850": "MS-DOS",
    "cp1250": "Windows-1250",
    "iso8859-2": "ISO-8859-2",
}
_WESTERN = ("cp1252", "mac-roman", "cp850")
"""Where two are as likely the first counts."""
_LEAST_HEAD = 64
"""Bytes by which UTF-16 without a mark is known."""
_EVIDENCE = 64 * 1024
"""Bytes from the first letter on that is not ASCII."""
_CONTEXT = 64
_NOT_ASCII = re.compile(b"[\x80-\xff]")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_READ_WRONGLY = re.compile("[ÂÃÄÅ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|ð[Ÿ]")
_USUAL = frozenset("äöüßéèêëàâçñáíóúãõôîïûùåøæœìòÄÖÜÉÈÀÂÇÑÁÍÓÚÃÕÔÎÅØÆ")
_WORDS_OF_ONE = frozenset("àèéóòôöåæøáíúÀÈÉÓÒÔÖÅÆØÁÍÚ")
_PUNCTUATION = frozenset("“”‘„«»–—…€¿¡•·")
_MISPLACED = 3
"""What a letter or a sign costs where it cannot stand."""
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{3,}")
_MOST_ACCENTED = 0.6
"""Of a word in a language that these encodings were made for, so many letters are not ASCII."""
_SHORT = 3
"""A word of so few letters may have two of them (`été`), and is foreign where it has all."""


class Decoding:
    """Text from bytes that arrive in pieces; line ends come out as newlines."""

    def __init__(self) -> None:
        self._held = b""
        self._before = b""
        self._begun = False
        self._has_controls = False
        self._decoder: codecs.IncrementalDecoder | None = None
        self._newlines = io.IncrementalNewlineDecoder(None, translate=True)
        self._encoding = ""

    @property
    def name(self) -> str:
        """What people call the encoding; ASCII is UTF-8."""
        return _NAMES.get(self._encoding, "UTF-8")

    def decode(self, chunk: bytes, *, final: bool) -> str:
        """The text that is certain with this piece."""
        if self._decoder is None:
            self._held += chunk
            text = "".join(self._undecided(final=final))
        else:
            text = self._decoder.decode(chunk, final)
        return self._newlines.decode(text, final=final)

    def _undecided(self, *, final: bool) -> Iterator[str]:
        if not self._begun:
            if len(self._held) < _LEAST_HEAD and not final:
                return
            self._begun = True
            marked = _marked(self._held)
            if marked:
                yield self._decide(marked, final=final)
                return
        self._has_controls |= _CONTROLS.search(self._held) is not None
        begin = _NOT_ASCII.search(self._held)
        if begin is None:
            yield self._plain(len(self._held))
            return
        yield self._plain(begin.start())
        if len(self._held) >= _EVIDENCE or final:
            # What has controls is no text that a spreadsheet saved.
            legacy = not self._has_controls
            # The first letter is judged by those before it as well.
            sample = self._before + self._held
            yield self._decide(_by_evidence(sample, final=final, legacy=legacy), final=final)

    def _plain(self, length: int) -> str:
        """So much of what is held is ASCII, and certain."""
        plain, self._held = self._held[:length], self._held[length:]
        self._before = (self._before + plain)[-_CONTEXT:]
        return plain.decode("ascii")

    def _decide(self, encoding: str, *, final: bool) -> str:
        self._encoding = encoding
        errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        held, self._held = self._held, b""
        return self._decoder.decode(held, final)


def mended(text: str) -> str:
    """A text that was UTF-8 and was read as Windows-1252 on its way, as it was before.

    `JÃ¼rgen` is nobody's name: where all of it reads as UTF-8 so, it was.
    """
    if text.isascii() or not _READ_WRONGLY.search(text):
        return text
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def _marked(head: bytes) -> str:
    """The encoding that a file says it is in, or that NULs give away; empty for others."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    sample = head[:1024]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half and odd > half / 2 and even == 0:
        return "utf-16-le"
    if half and even > half / 2 and odd == 0:
        return "utf-16-be"
    return ""


def _by_evidence(sample: bytes, *, final: bool, legacy: bool) -> str:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final)
    except UnicodeDecodeError:
        multibyte = _MULTIBYTE.findall(sample)
        stray = len(_NOT_ASCII.findall(sample)) - sum(map(len, multibyte))
        if not legacy or len(multibyte) >= stray or _is_foreign(sample):
            return "utf-8"
        points = {name: _plausibility(sample, name) for name in _WESTERN}
        western = max(points, key=lambda name: points[name] + _occurrence(sample, name))
        encoding = likelier(sample, western)
        if encoding != western:
            return encoding
        is_read = points[western] >= 0 and not of_no_language(sample.decode(western, "replace"))
        return western if is_read else "utf-8"
    return "utf-8"


def _is_foreign(sample: bytes) -> bool:
    """Whether the letters are of a script that is written in none of these encodings."""
    words = _WORD.findall(sample)
    counts = [(len(_NOT_ASCII.findall(word)), len(word)) for word in words]
    foreign = sum(
        high
        for high, letters in counts
        if high > _MOST_ACCENTED * letters and (letters > _SHORT or high == letters)
    )
    return foreign * 2 > len(_NOT_ASCII.findall(sample))


def _plausibility(sample: bytes, encoding: str) -> int:
    """How well letters stand among letters, and signs among signs."""
    text = f" {sample.decode(encoding, 'replace')} "
    return sum(
        (_of_letter if text[i].isalpha() else _of_sign)(*text[i - 1 : i + 2])
        for i in range(1, len(text) - 1)
        if text[i] > "\x7f"
    )


def _occurrence(sample: bytes, encoding: str) -> int:
    """How well known the words are that would stand there."""
    return occurrence(sample.decode(encoding, "replace"))


def _of_letter(before: str, letter: str, after: str) -> int:
    is_word = not before.isalpha() and not after.isalpha()
    misplaced = (
        (letter.isupper() and (before.islower() or (before.isalpha() and after.islower())))
        or (letter.islower() and after.isupper())
        or (is_word and (letter not in _WORDS_OF_ONE or before.isdigit() or after.isdigit()))
    )
    return (2 if letter in _USUAL else 0) - (_MISPLACED if misplaced else 0)


def _of_sign(before: str, sign: str, after: str) -> int:
    if sign == "\ufffd":
        return -_MISPLACED
    opens, closes = not before.isalnum(), not after.isalnum()
    if sign == "’":
        return 0 if opens and closes else 2
    if sign in _PUNCTUATION:
        usual = (sign in "“‘„«¿¡" and opens) or (sign in "”»…" and closes) or (opens and closes)
        return 2 if usual or (sign == "€" and (opens or closes)) else -_MISPLACED
    is_unit = sign in "²³" and before in "mM" and closes
    return 0 if is_unit or not (before.isalpha() or after.isalpha()) else -_MISPLACED
