"""Pages of a list: a position is the time and the key of the last row shown."""

from __future__ import annotations

from datetime import datetime

from servicekit.errors import FieldViolation
from servicekit.page_tokens import instant_of, page_token, parts_of

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
    return page_token(at.isoformat(), key)


def position_of(token: str) -> Position | None:
    """The position of a token; None for the first page.

    Raises `InvalidFields` if the token is not of a page before.
    """
    if not token:
        return None
    try:
        at, key = parts_of(token)
        return instant_of(at), str(key)
    except ValueError as error:
        raise foreign_token() from error


def foreign_token() -> InvalidFields:
    """The refusal of a token that is not of a page before."""
    told = "is not a token of a page before"
    return InvalidFields([FieldViolation("page_token", told, "FIELD_INVALID")])
