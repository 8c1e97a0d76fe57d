"""Ids that did not open are sent to nobody.

By them Unipile knows nobody, and its 404 would be taken for the answer that nothing is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from servicekit.sealing.alike import is_sealed

from linkedin_gateway.unipile.values import JSON, Files

_WORDS = frozenset({"text", "subject", "message"})
"""Fields of what is written to people: they begin as whoever wrote them wants."""


def names_unopened(
    path: str, params: Mapping[str, str] | None, json: JSON | None, files: Files | None
) -> bool:
    """Whether a call would name something by such an id."""
    ids = [*map(unquote, path.split("/")), *(params or {}).values()]
    ids += [value for name, value in (json or {}).items() if name not in _WORDS]
    ids += [value for name, (_, value) in files or () if name not in _WORDS]
    return any(isinstance(each, str) and is_sealed(each) for each in ids)
