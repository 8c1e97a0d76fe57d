"""Pages by opaque cursor."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from unipile_simulator.errors import Refusal, invalid

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, and where the next ones are."""

    items: Sequence[T]
    start: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """Which items are asked for."""

    start: int
    limit: int

    def of(self, items: Sequence[T]) -> Page[T]:
        """Cut a page out of everything there is."""
        return self.among(items[self.start : self.start + self.limit], len(items))

    def among(self, items: Sequence[T], total: int) -> Page[T]:
        """A page whose items were cut out already."""
        end = self.start + self.limit
        more = end < total and self.limit > 0
        return Page(items, self.start, encode_cursor(end, self.limit) if more else None)


def read_window(
    limit: str | None, cursor: str | None, *, default: int, most: int, least: int = 1
) -> Window:
    """The window that `limit` and `cursor` ask for; an explicit limit wins over the cursor's."""
    start, kept = decode_cursor(cursor) if cursor else (0, default)
    if limit is None or limit == "":
        return Window(start, kept)
    try:
        wanted = int(limit)
    except ValueError:
        raise invalid("/limit: Expected number") from None
    if not least <= wanted <= most:
        raise invalid(f"/limit: Expected a number from {least} to {most}")
    return Window(start, wanted)


def encode_cursor(start: int, limit: int) -> str:
    """Base64 of the offset and the limit, as observed on relations."""
    raw = json.dumps({"limit": limit, "startIndex": start}, separators=(",", ":"))
    return base64.b64encode(raw.encode()).decode()


def decode_cursor(cursor: str) -> tuple[int, int]:
    """The offset and the limit; raises a `Refusal` of what is no cursor of ours."""
    try:
        raw = json.loads(base64.b64decode(cursor, validate=True))
        start, limit = int(raw["startIndex"]), int(raw["limit"])
    except (ValueError, KeyError, TypeError):
        raise Refusal("invalid_parameters", "/cursor: Invalid cursor") from None
    if start < 0 or limit < 0:
        raise Refusal("invalid_parameters", "/cursor: Invalid cursor")
    return start, limit
