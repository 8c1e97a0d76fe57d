"""What people edit of a thing, as one word, by which an edit says what it is an edit of. Pure.

Of two who have read the same the second is refused, unless they change nothing.
"""

import hashlib
import json
from typing import Any

from servicekit.errors import EtagMismatch

WHATEVER = "*"
"""The etag of who does not mind what it is now."""


def content_etag(*content: Any) -> str:
    """Equal content, equal word."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def fits(asked: str, now: str) -> bool:
    """Whether an edit with this etag is of what it is `now`; one without is of whatever it is."""
    return asked in ("", WHATEVER, now)


def require_fitting(asked: str, now: str) -> None:
    """Raise `EtagMismatch` for who deletes what is not as they have read it."""
    if not fits(asked, now):
        raise EtagMismatch(metadata={"etag": now})
