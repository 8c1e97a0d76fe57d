"""Does a reply ask for no further contact? Pure.

A wrong yes keeps somebody from being written to who never asked for that, and nobody sees what is
not sent; a wrong no is a reply like any other, which ends its lead. So this is strict: all that a
message says, down to what it quotes, must be such a request or what is said beside one. A request
inside of a sentence is none: "we stop by on Monday", "do not remove me yet".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from linkedin_gateway.replies.opt_out_words import (
    AND,
    BY_LANGUAGE,
    GREETING,
    NO,
    QUOTED,
    SIGN_OFF,
)

_LONGEST = 240
"""Characters; who writes more says more than that."""
_LOOKED_AT = 4_000
"""… with what they quote: the rest cannot be theirs alone."""
_MOST_NAMES = 4
"""Words of a name, in a greeting or below the last line."""
_NAME = rf"( \w+){{0,{_MOST_NAMES}}}"


def _any(expressions: Iterable[str]) -> str:
    return "|".join(f"(?:{each})" for each in expressions)


_ASKING = _any(each for words in BY_LANGUAGE.values() for each in words.asking)
_BESIDE = _any([_ASKING, *(each for words in BY_LANGUAGE.values() for each in words.beside)])
_REQUEST = _any(each for words in BY_LANGUAGE.values() for each in words.requests)

_ASKS = re.compile(rf"\b({_ASKING})\b")
# One at a time. How often they are said is counted by hand: the same word is said in several
# languages, and as an expression n of them are read in 2 to the n ways, which a stranger could use.
_SAID = re.compile(rf"(?:{_REQUEST}|{_BESIDE}) (?:{AND} )?")
_SAID_BESIDE = re.compile(rf"(?:{_BESIDE}) (?:{AND} )?")
_SAID_APART = re.compile(rf"{NO} |{GREETING}{_NAME} ")
_SIGNED = re.compile(rf"{SIGN_OFF} ")
_QUOTED = re.compile(_any(QUOTED))
_PARTED = re.compile(r"[^\w\s'-]+|\s-+\s|\n")
"""Between what is said one after the other."""


def is_opt_out(text: str) -> bool:
    """Whether they ask for no further contact, and say nothing else."""
    said = folded(_own(text[:_LOOKED_AT]))
    if len(said) > _LONGEST or ("?" in said and not _ASKS.search(said)):
        return False
    asked, parts = False, list(_parts(said))
    for place, part in enumerate(parts):
        if _SIGNED.fullmatch(part):
            # Below that stands who they are.
            return asked and len(" ".join(parts[place + 1 :]).split()) <= _MOST_NAMES
        if _is_made_of(_SAID, part):
            asked = asked or not _is_made_of(_SAID_BESIDE, part)
        elif not _SAID_APART.fullmatch(part):
            return False
    return asked


def _is_made_of(said: re.Pattern[str], part: str) -> bool:
    """Whether a part is such words once or more, one after the other.

    Each place that can be reached is looked at once: quadratic in the words of a part.
    """
    ends = [place + 1 for place, letter in enumerate(part) if letter == " "]
    reached = {0}
    for begin in (0, *ends):
        if begin in reached:
            reached.update(end for end in ends if end > begin and said.fullmatch(part, begin, end))
    return len(part) in reached


def folded(text: str) -> str:
    """Small letters without accents, and nothing that nobody sees."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'")).casefold()
    seen = (each for each in decomposed if unicodedata.category(each) not in {"Mn", "Me", "Cf"})
    return "".join(seen).strip()


def _own(text: str) -> str:
    """What stands above what they quote, or below what their device adds."""
    lines = text.splitlines()
    ends = (n for n, line in enumerate(lines) if _QUOTED.match(folded(line) + " "))
    return "\n".join(lines[: next(ends, len(lines))])


def _parts(said: str) -> Iterator[str]:
    """One after the other: its words, each with a space behind it."""
    for part in _PARTED.split(said):
        words = part.replace("'", "").replace("-", " ").replace("_", " ").split()
        if words:
            yield " ".join(words) + " "
