"""Whose rows a task may see: those of its caller's organization, or of all, and why.

The pool asks when it lends a connection (see `pool`); the database keeps to it (see
`row_security`). Who says nothing sees nothing.
"""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from servicekit import auth

T = TypeVar("T")


@dataclass(frozen=True)
class Own:
    """The rows of one organization; of none, if it is empty."""

    organization_id: str


@dataclass(frozen=True)
class Across:
    """The rows of every organization, by the role of the background."""

    why: str
    """Stands before each statement, so that the database's own log tells it too."""

    def __post_init__(self) -> None:
        if not self.why or "*/" in self.why:
            raise ValueError("why rows of every organization are seen must be said, in a comment")


Scope = Own | Across

SETTING = "outreach.organization_id"
"""Where the database reads whose rows are seen."""
NOBODYS = Own("")
_OF_CALLER = Across("whoever calls acts for every organization")
_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current_scope() -> Scope:
    """What was said for this task, else what its caller may see."""
    said = _scope.get()
    if said is not None:
        return said
    caller = auth.known_caller()
    if caller is None:
        return NOBODYS
    return _OF_CALLER if caller.acts_for_all else Own(caller.organization_id)


@contextmanager
def across(why: str) -> Iterator[None]:
    """See the rows of every organization in this block, whoever calls."""
    token = _scope.set(Across(why))
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def acting_for(organization_id: str) -> Iterator[None]:
    """See the rows of this organization alone in this block, whoever calls."""
    token = _scope.set(Own(organization_id))
    try:
        yield
    finally:
        _scope.reset(token)


def spanning(
    why: str, job: Callable[[], Coroutine[Any, Any, T]]
) -> Callable[[], Coroutine[Any, Any, T]]:
    """A job of nobody in particular: it sees the rows of every organization."""

    async def run() -> T:
        with across(why):
            return await job()

    return run
