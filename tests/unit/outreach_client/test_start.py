"""`outreach` begins at once: nobody who reads its help or presses TAB waits for what calls need."""

import os
import subprocess
import sys
from importlib import import_module
from math import inf

import pytest
from outreach_client.cli import app
from outreach_client.commands.groups import PLACES
from typer.main import get_group

DEAR = ("asyncio", "grpc", "pydantic", "rich", "httpx", "servicekit.errors", "psycopg")
PAIRS = 5
MOST_PAIRS = 25
"""Where others keep the processors busy until then."""
MOST = 8
"""Times the processor time of a Python that does nothing."""


def run(*command: str) -> tuple[int, float]:
    """How a process of this Python ends, and its processor time."""
    nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    given = [sys.executable, *command]
    # As installed: what is compiled once is kept.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = os.posix_spawn(sys.executable, given, kept, file_actions=[nowhere])
    _, status, used = os.wait4(process, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def times_of_nothing(*command: str) -> float:
    """The least processor time of some runs, in that of a Python that does nothing.

    Both in turn, for what others do on the machine only adds to either.
    """
    least, least_of_nothing, pairs = inf, inf, 0
    while pairs < PAIRS or (least > MOST * least_of_nothing and pairs < MOST_PAIRS):
        least = min(least, run(*command)[1])
        least_of_nothing = min(least_of_nothing, run("-c", "pass")[1])
        pairs += 1
    return least / least_of_nothing


@pytest.mark.lasts(seconds=3)
@pytest.mark.parametrize("arguments", [["--help"], []], ids=repr)
def test_help_comes_at_once(arguments: list[str]) -> None:
    """It was fifty times what a Python takes that does nothing."""
    main = f"import sys; sys.argv[1:] = {arguments!r}; from outreach_client.cli import main; main()"

    assert times_of_nothing("-c", main) <= MOST


@pytest.mark.parametrize("place", sorted({place.module for place in PLACES.values()}))
def test_what_calls_need_is_imported_for_a_call(place: str) -> None:
    """A group's help, and the completion of its commands and options, make none."""
    names = f"outreach_client.cli, outreach_client.commands.{place}"
    told = f"import sys, {names}; sys.exit(any(name in sys.modules for name in {DEAR!r}))"

    ended, _ = run("-c", told)

    assert ended == 0


COMPLETE = """
import os, sys
os.environ.update(_OUTREACH_COMPLETE="complete_bash", COMP_WORDS={words!r}, COMP_CWORD="{at}")
from outreach_client.cli import app
try:
    app(prog_name="outreach")
except SystemExit as ended:
    sys.exit(ended.code or any(name in sys.modules for name in {dear!r}))
"""


@pytest.mark.parametrize("words", ["outreach l", "outreach leads l"])
def test_a_name_is_completed_without_what_calls_need(words: str) -> None:
    """typer reads with pydantic what was typed, and also what was not."""
    ended, _ = run("-c", COMPLETE.format(words=words, at=words.count(" "), dear=DEAR))

    assert ended == 0


def test_the_groups_are_completed(capfd: pytest.CaptureFixture[str]) -> None:
    """By the table, each with what it is for where the shell shows it."""
    code = COMPLETE.format(words="outreach l", at=1, dear=())

    subprocess.run([sys.executable, "-c", code], check=True)

    assert capfd.readouterr().out.split() == ["leads", "lists", "login", "logout"]


@pytest.mark.parametrize("name", PLACES)
def test_help_tells_what_a_group_is_for(name: str) -> None:
    """What stands in the table, so that nothing is imported for it, is what the group says."""
    place = PLACES[name]
    made = get_group(import_module(f"outreach_client.commands.{place.module}").app)
    told = made.help if not place.command else made.commands[place.command].help

    assert told is not None
    if not place.command:
        assert told == place.told
    assert made.commands


def test_the_table_has_every_group() -> None:
    """What is called is what is told."""
    root = get_group(app)

    assert root.list_commands(None) == [*PLACES]  # type: ignore[arg-type]
    assert root.get_command(None, "nothing") is None  # type: ignore[arg-type]
