"""How long a text is, as LinkedIn counts, and how long one will be. Pure.

LinkedIn's own pages count UTF-16 units: a letter is one, most pictures are two and more. Whether
its limits are counted so everywhere is not known; a text has at least as many units as it has
characters, so one that is short enough in units is short enough either way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from campaigns.texts.template import Part, parse
from campaigns.texts.variables import Variable

_LIKELY_VALUE_LENGTH = 15


def length(text: str) -> int:
    """The UTF-16 units of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def within(text: str, longest: int) -> str:
    """A text, or none where it has more units than that: then it is no such thing."""
    return text if length(text) <= longest else ""


def shortest_length(text: str) -> int:
    """How much is said whoever it is for and whatever is chosen; `TextInvalid` as `parse`."""
    return sum(_length(part, least=True) for part in parse(text))


def longest_length(text: str) -> int:
    """How much is said with likely values and the longest options; `TextInvalid` as `parse`."""
    return sum(_length(part, least=False) for part in parse(text))


def _length(part: Part, *, least: bool) -> int:
    if isinstance(part, str):
        return length(part)
    if isinstance(part, Variable):
        return 0 if least else max(_LIKELY_VALUE_LENGTH, length(part.fallback or ""))
    lengths = (sum(_length(each, least=least) for each in option) for option in part.options)
    return min(lengths) if least else max(lengths)


@dataclass(frozen=True, kw_only=True)
class TextBound:
    """What is certain of a text, whatever is chosen in it.

    It has at most `units`, and those of the values of its variables, each so often as `times` says.
    `needed` are variables without a fallback, and `says_something` is whether anything is left
    of it whoever it is for.
    """

    units: int = 0
    times: Counter[str]
    needed: frozenset[str] = frozenset()
    says_something: bool = False

    def and_(self, other: TextBound) -> TextBound:
        """Of one text that goes on with another."""
        return TextBound(
            units=self.units + other.units,
            times=self.times + other.times,
            needed=self.needed | other.needed,
            says_something=self.says_something or other.says_something,
        )

    def or_(self, other: TextBound) -> TextBound:
        """Of a text of which nobody knows which of two it is."""
        return TextBound(
            units=max(self.units, other.units),
            times=self.times | other.times,
            needed=self.needed | other.needed,
            says_something=self.says_something and other.says_something,
        )


def bound_of(
    text: str, columns: frozenset[str], known: Mapping[str, str], *, literal: tuple[str, ...] = ()
) -> TextBound:
    """What is certain of a text of which these variables are `known`; `TextInvalid` as `parse`."""
    return _bound(parse(text.replace("\r\n", "\n"), columns, literal), known)


def _bound(parts: Iterable[Part], known: Mapping[str, str]) -> TextBound:
    return reduce(
        TextBound.and_, (_bound_of_part(part, known) for part in parts), TextBound(times=Counter())
    )


def _bound_of_part(part: Part, known: Mapping[str, str]) -> TextBound:
    if isinstance(part, str):
        return TextBound(units=length(part), times=Counter(), says_something=bool(part.strip()))
    if not isinstance(part, Variable):
        return reduce(TextBound.or_, (_bound(option, known) for option in part.options))
    if known.get(part.name):
        return _bound_of_part(known[part.name], known)
    return TextBound(
        units=length(part.fallback or ""),
        times=Counter([part.name]),
        needed=frozenset() if part.fallback is not None else frozenset([part.name]),
    )
