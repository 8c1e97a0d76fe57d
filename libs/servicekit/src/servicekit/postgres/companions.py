"""What is written together with the first thing that a task writes, in its transaction.

A companion is set for a task (`accompanied_by`). The connections of `pool` ask it before the first
statement of a transaction that writes, and again before its COMMIT; a statement that writes
outside of a transaction gets one. So whatever the companion writes is committed with the rest,
or not at all.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Protocol

from servicekit.postgres.codecs import Connection
from servicekit.rehearsals.rehearsal import current_rehearsal, rehearsing

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


_companion: ContextVar[Companion | None] = ContextVar("companion", default=None)


def accompanied_by(companion: Companion) -> None:
    """Have a companion come with what this task writes from now on, and those that it begins."""
    _companion.set(companion)


@contextmanager
def unaccompanied() -> Iterator[None]:
    """Have what is written in this block be committed alone."""
    token = _companion.set(None)
    try:
        yield
    finally:
        _companion.reset(token)


def note_created(noun: str, new_id: str, *, anew: bool = True) -> None:
    """Tell the companion of this task, if it has one, what it makes: `endpoint_id`, and the id.

    And a rehearsal, unless it is there from before.
    """
    if anew and (rehearsal := current_rehearsal()) is not None:
        rehearsal.made.add(new_id)
    found = companion()
    if found is not None:
        found.created(noun, new_id)


def companion() -> Companion | None:
    """That of this task, as long as it is wanted; of a rehearsal nothing is written."""
    found = None if rehearsing() else _companion.get()
    return found if found is not None and found.wanted else None


def companion_of(statement: str) -> Companion | None:
    """The companion of this task, if the statement may write."""
    found = companion()
    return found if found is not None and _writes(statement) else None


@lru_cache(maxsize=2048)
def _writes(statement: str) -> bool:
    return _WRITES.search(statement) is not None
