"""Under which key what a step says to a lead is kept. Pure.

A key is the step's id, then `#` and which of its posts behind the first, then `~` and how often the
step was taken back before. An id is whatever the customer drew: `#`, `~` and `%` in it
are quoted, so that no two texts share a key.
"""

from __future__ import annotations

import re

_QUOTED = re.compile("[%#~]")
_ESCAPED = re.compile("%([0-9A-F]{2})")
_COUNTS = re.compile(r"(#\d+)?(~\d+)?\Z")


def kept_under(step_id: str, *, n: int, again: int = 0) -> str:
    """The key of the text about the n-th post of a step that was taken back so often."""
    quoted = _QUOTED.sub(lambda mark: f"%{ord(mark[0]):02X}", step_id)
    post = f"#{n}" if n > 1 else ""
    return f"{quoted}{post}~{again}" if again else f"{quoted}{post}"


def step_of(key: str) -> str:
    """The id of the step whose text is kept under this key."""
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), _COUNTS.sub("", key, count=1))
