"""What is written together with the first thing that a task writes, in its transaction.

A companion is set for a task (`accompanied_by`). The connections of `pool` ask it before the first
statement of a transaction that writes, and again before its COMMIT; a statement that writes
outside of a transaction gets one. So whatever the companion writes is committed with the rest,
or not at all.
"""

import re
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Protocol

from servicekit.postgres.codecs import Connection

_WRITES = re.compile(r"\b(INSERT\s+INTO|MERGE\s+INTO|DELETE\s+FROM)\b|(?<!FOR )(?<!KEY )\bUPDATE\b")
"""Statements that may write; which of them did is known to the database alone."""


class Companion(Protocol):
    """Comes with one transaction of a task."""

    @property
    def wanted(self) -> bool:
        """Whether it still has something to write, and is not writing it now."""

    async def before_write(self, connection: Connection) -> None:
        """The transaction is about to write; it may do so several times."""

    async def before_commit(self, connection: Connection) -> None:
        """The transaction is about to be committed; what this raises undoes it."""

    def created(self, noun: str, new_id: str) -> None:
        """What the task makes, where nobody could name it before."""

    def committed(self, connection: Connection, *, for_good: bool) -> None:
        """The transaction has ended: what was written before the commit stands, or does not."""


class _Companions:
    """Two companions of one task."""

    def __init__(self, *companions: Companion) -> None:
        self._companions = companions

    @property
    def wanted(self) -> bool:
        return any(each.wanted for each in self._companions)

    async def before_write(self, connection: Connection) -> None:
        for each in self._wanted():
            await each.before_write(connection)

    async def before_commit(self, connection: Connection) -> None:
        for each in self._wanted():
            await each.before_commit(connection)

    def created(self, noun: str, new_id: str) -> None:
        for each in self._companions:
            each.created(noun, new_id)

    def committed(self, connection: Connection, *, for_good: bool) -> None:
        for each in self._companions:
            each.committed(connection, for_good=for_good)

    def _wanted(self) -> Iterator[Companion]:
        # One after the other: what one of them does may leave another with nothing to do.
        return (each for each in self._companions if each.wanted)


_companion: ContextVar[Companion | None] = ContextVar("companion", default=None)


def accompanied_by(companion: Companion) -> None:
    """Have a companion come with what this task writes from now on, and those that it begins.

    It comes beside whoever came before; each has its own transaction.
    """
    before = _companion.get()
    _companion.set(companion if before is None else _Companions(before, companion))


def note_created(noun: str, new_id: str) -> None:
    """Tell the companion of this task, if it has one, what it makes: `endpoint_id`, and the id."""
    found = companion()
    if found is not None:
        found.created(noun, new_id)


def companion() -> Companion | None:
    """That of this task, as long as it is wanted."""
    found = _companion.get()
    return found if found is not None and found.wanted else None


def companion_of(statement: str) -> Companion | None:
    """The companion of this task, if the statement may write."""
    found = companion()
    return found if found is not None and _writes(statement) else None


@lru_cache(maxsize=2048)
def _writes(statement: str) -> bool:
    return _WRITES.search(statement) is not None
