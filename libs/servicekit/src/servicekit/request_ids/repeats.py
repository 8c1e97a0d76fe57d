"""Whether a request was begun before, by a call that broke off or whose answer is gone."""

from contextvars import ContextVar

_begun_before: ContextVar[bool] = ContextVar("begun_before", default=False)


def begun_before() -> bool:
    """Whether what this task serves may have been done already, and nobody has kept the answer."""
    return _begun_before.get()


def set_begun_before(*, begun: bool) -> None:
    """Remember it for the rest of this task."""
    _begun_before.set(begun)
