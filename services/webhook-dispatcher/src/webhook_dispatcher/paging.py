"""Pages of a list: a position is the time and the id of the last row shown."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")

DEFAULT_SIZE = 100
MAX_SIZE = 1000


@dataclass(frozen=True)
class Position:
    """A place in a list that is sorted by time, then by id."""

    at: datetime
    id: str

    def token(self) -> str:
        """The position as callers carry it from page to page."""
        text = json.dumps([self.at.isoformat(), self.id], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str) -> "Position":
        """The position of a token; raises `ValueError` if it is not one of ours."""
        try:
            text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            at, row_id = json.loads(text)
            position = cls(datetime.fromisoformat(at), str(row_id))
        except (binascii.Error, UnicodeError, ValueError, TypeError) as error:
            raise ValueError("is not a token of a page before") from error
        if position.at.tzinfo is None:
            raise ValueError("is not a token of a page before")
        return position


@dataclass(frozen=True)
class Paging:
    """Which page is asked for."""

    size: int = DEFAULT_SIZE
    after: Position | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, and where the next page begins."""

    rows: Sequence[T]
    next: Position | None = None
