"""The command that is a service: it reads the settings, then loads the service and runs it.

Nothing heavy is imported before the settings are accepted.
"""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Generic, NoReturn, TypeVar

from servicekit.clock import Clock
from servicekit.settings import ServiceSettings, SettingsRefused, read, read_to_migrate
from servicekit.settings.refusals import EXIT_REFUSED

Settings = TypeVar("Settings", bound=ServiceSettings)

_HELP = "try the settings, reach each dependency once, and end: 0, 69 (not reached) or 78 (refused)"


@dataclass(frozen=True)
class Service(Generic[Settings]):
    """What a service is made of, once it is loaded."""

    compose: Callable[[Any, Settings, Clock], Awaitable[None]]
    """Has a `Process` serve."""
    check: Callable[[Settings, Clock], Awaitable[int]]
    """What `--check` does; returns the exit code."""


def run(name: str, settings: type[Settings], load: Callable[[], Service[Settings]]) -> NoReturn:
    """What the console script of a service does; `load` imports the rest of it."""
    arguments = _parser(name).parse_args()
    # What is imported stays: to look through it again and again is a fifth of the time that a
    # start takes. `process.run` sets it aside and begins to collect.
    gc.disable()
    values, clock = accepted(name, settings)
    service = load()
    if arguments.check:
        _log_as_services_do(name, values)
        code = asyncio.run(checked(name, service.check(values, clock)))
        sys.stdout.flush()
        # Temporal's SDK may abort at interpreter exit.
        os._exit(code)
    from servicekit import process  # noqa: PLC0415 - see above

    process.run(name, lambda running: service.compose(running, values, clock))


def accepted(name: str, settings: type[Settings]) -> tuple[Settings, Clock]:
    """The settings and the clock; where they are refused, say so line by line, and exit with 78."""
    try:
        return read(settings)
    except SettingsRefused as refused:
        sys.exit(_told(name, refused))


def accepted_to_migrate(name: str, settings: type[Settings]) -> Settings:
    """The same for a command that migrates: only what migrations use is asked of the settings."""
    try:
        return read_to_migrate(settings)[0]
    except SettingsRefused as refused:
        sys.exit(_told(name, refused))


async def checked(name: str, checking: Awaitable[int]) -> int:
    """The code that this ends with; 78 where settings turn out to be refused, told line by line."""
    try:
        return await checking
    except SettingsRefused as refused:
        return _told(name, refused)


def _log_as_services_do(name: str, values: ServiceSettings) -> None:
    from servicekit.telemetry import logs  # noqa: PLC0415 - see above

    logs.configure(name, level=values.log_level, secrets=values.secrets())


def _told(name: str, refused: SettingsRefused) -> int:
    for line in refused.lines(name):
        print(line)  # noqa: T201 - there is no log yet
    return EXIT_REFUSED


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description=f"Runs {name} until SIGTERM.")
    parser.add_argument("--check", action="store_true", help=_HELP)
    parser.add_argument("--version", action="version", version=f"{name} {version(name)}")
    return parser
