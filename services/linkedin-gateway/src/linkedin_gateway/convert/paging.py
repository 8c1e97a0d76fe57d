"""Pages of a list: a position is the time and the key of the last row shown."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

from servicekit.errors import FieldViolation

from linkedin_gateway.errors import InvalidFields

DEFAULT_SIZE = 100
MAX_SIZE = 1000

Position = tuple[datetime, str]


def page_size(wanted: int) -> int:
    """How many rows a page has.

    Raises `InvalidFields` if that is negative.
    """
    if wanted < 0:
        raise InvalidFields([FieldViolation("page_size", "must not be negative", "FIELD_INVALID")])
    return min(wanted or DEFAULT_SIZE, MAX_SIZE)


def token_of(at: datetime, key: str) -> str:
    """A position as callers carry it from page to page."""
    text = json.dumps([at.isoformat(), key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(token: str) -> Position | None:
    """The position of a token; None for the first page.

    Raises `InvalidFields` if the token is not of a page before.
    """
    if not token:
        return None
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        at, key = json.loads(text)
        moment = datetime.fromisoformat(at).astimezone(UTC)
    except (binascii.Error, UnicodeError, ValueError, TypeError) as error:
        told = "is not a token of a page before"
        raise InvalidFields([FieldViolation("page_token", told, "FIELD_INVALID")]) from error
    return moment, str(key)
