"""Which tests `make test` leaves out: those that start services, and those that last long.

A service takes a second of a processor to start, and a whole stack takes eight: a few dozen tests
would take as long as all the others. `make test-long` runs them, CI runs both.
"""

import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

LONG = "long"
LEFT_OUT = f"not {LONG}"
"""What `make test` asks of pytest; see the Makefile."""
_LASTS_LONG = 5.0
"""Seconds."""
_WHERE = tuple(Path(__file__).parent / folder for folder in ("e2e", "chaos"))
_SERVICES = {"campaign_api", "linkedin_gateway", "outreach_worker", "webhook_dispatcher"}


class StartedOutsideOfItsLane(Exception):
    """A test that starts a service is `@pytest.mark.long`: `make test` is without services."""


def seconds(item: pytest.Item) -> float:
    """How long it says that it lasts."""
    mark = item.get_closest_marker("lasts")
    return 0.0 if mark is None else mark.kwargs["seconds"]


def is_long(item: pytest.Item) -> bool:
    """By its folder, by the time it says that it lasts, or because it says so."""
    return (
        item.get_closest_marker(LONG) is not None
        or seconds(item) >= _LASTS_LONG
        or any(item.path.is_relative_to(folder) for folder in _WHERE)
    )


def starts_a_service(command: Sequence[Any]) -> bool:
    """Whether it runs one as `python -m` does; what migrates it, and the simulator, is none."""
    words = [str(word) for word in command]
    return any(word == "-m" and module in _SERVICES for word, module in itertools.pairwise(words))


class Guard:
    """Refuses to start a service for a test that `make test` runs."""

    def __init__(self) -> None:
        self.running: pytest.Item | None = None
        """The test that runs in this process."""

    def stand(self) -> None:
        """Look at every process that is started from now on, until this one ends."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if event != "subprocess.Popen" or self.running is None or is_long(self.running):
            return
        if starts_a_service(given[1]):
            raise StartedOutsideOfItsLane
