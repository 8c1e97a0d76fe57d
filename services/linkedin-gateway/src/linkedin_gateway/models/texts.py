"""Texts of people, whoever wrote them: what can be stored of one, and how it is found again."""

from __future__ import annotations

import hashlib
import re
import unicodedata

# Controls and halves of characters, which neither a database nor a person has any use for.
# Those that are white space stay so.
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_CONTROLS = {
    code: " " if chr(code).isspace() else None for code in range(32) if chr(code) not in "\n\t"
}


def clean_text(text: str) -> str:
    r"""The text as it can be stored: without NUL and other controls, and without half characters.

    Line ends are `\n`; a half of a character is U+FFFD, two halves side by side are one.
    """
    if _UNCLEAN.search(text) is None:
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HALVES.sub(_whole, lines).translate(_CONTROLS)


def text_hash(text: str) -> str:
    """A text by which it is found again, whatever became of its white space; empty for none."""
    words = " ".join(unicodedata.normalize("NFC", clean_text(text)).split())
    return hashlib.sha256(words.encode()).hexdigest()[:32] if words else ""


def _whole(halves: re.Match[str]) -> str:
    return halves[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
