"""Pages of a list: a position is the time and the id of the last row shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from servicekit.page_tokens import instant_of, page_token, parts_of

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
        return page_token(self.at.isoformat(), self.id)

    @classmethod
    def from_token(cls, token: str) -> "Position":
        """The position of a token; raises `ValueError` if it is not one of ours."""
        try:
            at, row_id = parts_of(token)
            return cls(instant_of(at), str(row_id))
        except ValueError as error:
            raise ValueError("is not a token of a page before") from error


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
