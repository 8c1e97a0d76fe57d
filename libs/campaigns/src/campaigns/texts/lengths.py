"""How long a text is, as LinkedIn counts, and how long one will be. Pure.

LinkedIn's own pages count UTF-16 units: a letter is one, most pictures are two and more. Whether
its limits are counted so everywhere is not known; a text has at least as many units as it has
characters, so one that is short enough in units is short enough either way.
"""

from __future__ import annotations

from campaigns.texts.template import Part, parse
from campaigns.texts.variables import Variable

_LIKELY_VALUE_LENGTH = 15


def length(text: str) -> int:
    """The UTF-16 units of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


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
