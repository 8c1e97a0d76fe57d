"""What comes from Unipile, made fit to be kept: the one border at which it is cleaned. Pure.

Whatever the bytes are, what is read of them is plain: texts that can be stored, numbers that
fit into 64 bits, and no more levels than anything that matters has. So a headline with a NUL
is a headline, not an error that comes back with each try.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from linkedin_gateway.models.texts import clean_text

_DEEPEST = 60
"""Levels; no field that means anything lies this deep."""
_LONGEST_NUMBER = 40
_LARGEST_INTEGER = 2**63
# A text, or some brackets of one kind in a row.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]+|[\]}]+', re.DOTALL)


def document(raw: bytes) -> dict[str, Any] | None:
    """The JSON object that a body is, cleaned; None if it is none."""
    text = raw.decode("utf-8-sig", "replace")
    try:
        found = json.loads(
            _pruned(text) if _may_be_deep(text) else text,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_nothing,
        )
    except ValueError:
        return None
    return cleaned(found) if isinstance(found, dict) else None


def cleaned(value: Any) -> Any:
    """A value of JSON whose texts, the names in it too, can be stored."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(name): cleaned(item) for name, item in value.items()}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return value


def _integer(digits: str) -> int | None:
    # The length first: reading a long one takes for ever.
    number = int(digits) if len(digits) < _LONGEST_NUMBER else _LARGEST_INTEGER
    return number if -_LARGEST_INTEGER <= number < _LARGEST_INTEGER else None


def _number(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _nothing(_name: str) -> None:
    """What NaN and the infinities are."""


def _may_be_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > _DEEPEST


def _pruned(text: str) -> str:
    """The text with `null` for every value that is nested too deep, which costs no stack."""
    kept: list[str] = []
    depth, begin = 0, 0
    for token in _TOKEN.finditer(text):
        first = token[0][0]
        if first in "[{":
            room = max(0, _DEEPEST - depth)
            if depth <= _DEEPEST < depth + len(token[0]):
                kept.append(text[begin : token.start() + room] + "null")
            depth += len(token[0])
        elif first in "]}":
            after = depth - len(token[0])
            if after <= _DEEPEST < depth:
                begin = token.start() + depth - _DEEPEST
            depth = after
    if depth <= _DEEPEST:
        kept.append(text[begin:])
    return "".join(kept)
