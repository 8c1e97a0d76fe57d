"""How answers are to be shown: which format, for a person at a terminal or for a program."""

import os
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Format(StrEnum):
    """What `--output` takes."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    JSONL = "jsonl"
    YAML = "yaml"
    NAME = "name"
    CSV = "csv"

    @property
    def for_programs(self) -> bool:
        """Whether the message is shown itself, instead of a table of it."""
        return self not in (Format.TABLE, Format.WIDE)


@dataclass(kw_only=True)
class Shown:
    """What one command was asked for."""

    format: Format = Format.TABLE
    header_is_out: bool = False
    """Of a CSV that comes in pieces."""


SHOWN: ContextVar[Shown] = ContextVar("SHOWN")
"""Of the command that runs."""


def shown() -> Shown:
    """Of the command that runs; tables where none says otherwise."""
    return SHOWN.get(None) or Shown()


def is_terminal() -> bool:
    """Whether somebody looks at standard output directly."""
    compatible = os.environ.get("TTY_COMPATIBLE", "")
    if compatible in ("0", "1"):
        return compatible == "1"
    return sys.stdout is not None and not sys.stdout.closed and sys.stdout.isatty()


def now() -> datetime:
    """The time by which others are told: that of a sandbox where `SANDBOX_CLOCK` is set."""
    if not os.environ.get("SANDBOX_CLOCK"):
        return datetime.now(UTC)
    from servicekit.clock import Clock  # noqa: PLC0415 - seldom

    try:
        return Clock.from_env().now()
    except (ValueError, OverflowError):
        return datetime.now(UTC)
