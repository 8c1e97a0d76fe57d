"""Pages of a list: how many, and where the next one begins.

A page token is opaque to callers. It holds the position after the last item and
the filters of the list, so a token cannot be carried over to another list.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

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
    content = json.dumps([_fingerprint(of), *cursor], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def page_cursor(token: str, *, of: Sequence[str], parts: int) -> list[str] | None:
    """The cursor in a token, None where there is no token; refuses one of another list."""
    if not token:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        content = None
    if (
        not isinstance(content, list)
        or not all(isinstance(part, str) for part in content)
        or len(content) != parts + 1
        or content[0] != _fingerprint(of)
    ):
        raise refused_token()
    return content[1:]


def refused_token() -> InvalidFields:
    """The error of a token that this list has not given out."""
    return InvalidFields([invalid("page_token", "This is not a page token of this list.")])


def _fingerprint(filters: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(filters).encode()).hexdigest()[:16]
