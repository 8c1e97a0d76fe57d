"""Pages of a list: how many, and where the next one begins.

A page token is opaque to callers. It holds the position after the last item and
the filters of the list, so a token cannot be carried over to another list.
"""

import hashlib
from collections.abc import Sequence

from servicekit import page_tokens

from campaign_api.errors import InvalidFields, invalid

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000

Cursor = Sequence[str]


def page_limit(page_size: int) -> int:
    """How many items a page has: the default for 0, never more than the maximum.

    Raises `InvalidFields` if it is negative.
    """
    if page_size < 0:
        raise InvalidFields([invalid("page_size", "The page size must not be negative.")])
    return min(page_size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)


def page_token(cursor: Cursor, *, of: Sequence[str]) -> str:
    """The token of the page after `cursor`, in the list that the filters `of` make."""
    return page_tokens.page_token(_fingerprint(of), *cursor)


def page_cursor(token: str, *, of: Sequence[str], parts: int) -> list[str] | None:
    """The cursor in a token, None where there is no token; refuses one of another list."""
    if not token:
        return None
    try:
        fingerprint, *cursor = map(str, page_tokens.parts_of(token))
    except ValueError:
        raise refused_token() from None
    if len(cursor) != parts or fingerprint != _fingerprint(of):
        raise refused_token()
    return cursor


def position_of(part: str) -> int:
    """The position in a list of leads that a cursor's part names; refuses what names none."""
    if not (part.isascii() and part.isdigit() and len(part) < 19):  # noqa: PLR2004 - a bigint's digits
        raise refused_token()
    return int(part)


def refused_token() -> InvalidFields:
    """The error of a token that this list has not given out."""
    return InvalidFields([invalid("page_token", "This is not a page token of this list.")])


def _fingerprint(filters: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(filters).encode()).hexdigest()[:16]
