"""Statements whose parameters have names, and those that go on piece by piece."""

from __future__ import annotations

import re
from typing import Any

from servicekit.postgres.pool import Pool

AT_ONCE = 1000
"""Rows of a piece."""
_NAME = re.compile(r"(?<!:):([a-z_]+)")


class Statement:
    """SQL that says `:name` where PostgreSQL wants `$1`.

    `sql` is what the server prepares; `given` orders the values for it.
    """

    def __init__(self, text: str) -> None:
        self._positions: dict[str, int] = {}
        self.sql = _NAME.sub(self._numbered, text)

    def _numbered(self, match: re.Match[str]) -> str:
        return f"${self._positions.setdefault(match[1], len(self._positions) + 1)}"

    def given(self, **values: Any) -> list[Any]:
        """The values in the order of the statement.

        Raises `TypeError` if a parameter is missing, or a value has none.
        """
        given = [values[name] for name in self._positions if name in values]
        if not len(given) == len(values) == len(self._positions):
            wrong = sorted(values.keys() ^ self._positions.keys())
            raise TypeError(f"missing or not of this statement: {', '.join(wrong)}")
        return given


async def in_pieces(pool: Pool, statement: str, *given: Any, at_once: int = AT_ONCE) -> int:
    """Execute a statement until there is nothing left for it to do; returns how many rows it was.

    Its last parameter is how many rows it changes at most, and it returns one for each of them: so
    nobody waits for more of them than those.
    """
    changed = 0
    while rows := await pool.fetch(statement, *given, at_once):
        changed += len(rows)
    return changed
