"""Unipile's JSON, read leniently: fields come and go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

JSON = Mapping[str, Any]
Files = Sequence[tuple[str, tuple[None, str]]]


def path_part(identifier: str) -> str:
    """An identifier as a part of a path."""
    return quote(identifier, safe="")


def items(answer: JSON) -> Sequence[JSON]:
    """The objects of a list."""
    return parts(answer, "items")


def text(document: JSON, name: str) -> str:
    """A text field, or a number as text; empty for anything else."""
    value = document.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def part(document: JSON, name: str) -> JSON:
    """An object in an object; an empty one where there is none."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def parts(document: JSON, name: str) -> Sequence[JSON]:
    """The objects of a list in an object; none where there is no list."""
    value = document.get(name)
    found = value if isinstance(value, list) else ()
    return [each for each in found if isinstance(each, Mapping)]


def texts(document: JSON, name: str) -> Sequence[str]:
    """The texts of a list in an object; none where there is no list."""
    value = document.get(name)
    found = value if isinstance(value, list) else ()
    return [each for each in found if isinstance(each, str)]


def epoch_ms(value: Any) -> datetime | None:
    """An instant in milliseconds since 1970; None for what is none."""
    if not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def instant(value: Any) -> datetime | None:
    """An ISO-8601 instant as Unipile writes it."""
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def instant_text(at: datetime) -> str:
    """Exactly three decimals and Z; anything else is refused."""
    return f"{at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S')}.{at.microsecond // 1000:03d}Z"
