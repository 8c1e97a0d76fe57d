"""What one command was asked for beside its own options."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.message import Message

from outreach_client.formats.shown import SHOWN, Format, Shown


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options that every command has, as they were given."""

    output: Format | None = None
    limit: int | None = None
    """So many rows of a list, however many pages they come in; None: the page that is asked for."""
    all_rows: bool = False
    profile: str = ""
    """The one that is named; "" for the one in use."""
    answers: "list[Message]" = field(default_factory=list)
    """What services have answered."""

    @property
    def follows_pages(self) -> bool:
        """Whether more pages of a list are asked for than one."""
        return self.all_rows or self.limit is not None


ASKED: ContextVar[Asked] = ContextVar("ASKED")
"""Of the command that runs."""


def asked() -> Asked:
    """Of the command that runs."""
    return ASKED.get(None) or Asked()


@contextmanager
def running(options: Asked) -> Iterator[None]:
    """While it runs a command is asked for this."""
    tokens = (ASKED.set(options), SHOWN.set(Shown(format=options.output or Format.TABLE)))
    try:
        yield
    finally:
        ASKED.reset(tokens[0])
        SHOWN.reset(tokens[1])


def is_debugged(arguments: list[str]) -> bool:
    """Whether whoever typed this wants to see where an error arose."""
    return "--debug" in arguments or os.environ.get("OUTREACH_DEBUG", "") not in ("", "0")


def wants_json(arguments: list[str]) -> bool:
    """Whether a program reads the answer to what was typed, whatever else is wrong with it."""
    read = " ".join(arguments).replace("--output=", "-o").replace("--output ", "-o")
    read = read.replace("-o ", "-o")
    machine = (Format.JSON, Format.JSONL, Format.YAML)
    return "--json" in arguments or any(f" -o{each}" in f" {read}" for each in machine)
