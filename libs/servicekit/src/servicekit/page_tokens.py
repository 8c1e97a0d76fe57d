"""Page tokens: a position in a list, as callers carry it from page to page.

A token is opaque to them, and no secret: what comes back is looked at as any other input. What
it holds went through an encoding, so that no check of the request has seen it.
"""

import base64
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

Part = str | int | float

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST_TOKEN = 4096


class PageTokenForeign(ValueError):
    """It is not a token that a list gave out."""


def page_token(*parts: Part) -> str:
    """The token of a position."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parts_of(token: str) -> Sequence[Part]:
    """The parts of the position in a token.

    Raises `PageTokenForeign` if no list gave it out, which one that holds what cannot be stored
    was not.
    """
    try:
        padded = token[:_LONGEST_TOKEN] + "=" * (-len(token) % 4)
        parts = json.loads(base64.urlsafe_b64decode(padded), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise PageTokenForeign from error
    if not isinstance(parts, list) or not all(map(_can_be_stored, parts)):
        raise PageTokenForeign
    return parts


def instant_of(part: Part) -> datetime:
    """The instant that a part of a position is; raises `PageTokenForeign` if it is none."""
    try:
        instant = datetime.fromisoformat(str(part))
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PageTokenForeign from error
    raise PageTokenForeign


def _can_be_stored(part: object) -> bool:
    if isinstance(part, str):
        return _UNSTORABLE.search(part) is None
    return isinstance(part, int | float) and not isinstance(part, bool) and abs(part) < 2**63


def _refuse(name: str) -> None:
    raise ValueError(name)
