"""`outreach` begins at once: nobody who reads its help or presses TAB waits for what calls need."""

import os
import subprocess
import sys
from importlib import import_module
from math import inf
from pathlib import Path

import pytest
from outreach_client.cli import app
from outreach_client.commands.groups import PLACES
from outreach_client.completion.refresh import refresh
from outreach_client.completion.shells import Shell, script
from outreach_client.names.memory import age, names, note_names
from outreach_client.names.nouns import Noun
from typer.main import get_group

from tests.unit.outreach_client.conftest import Server

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
    main = (
        f"import sys; sys.argv[1:] = {arguments!r}; from outreach_client.entry import main; main()"
    )

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
os.environ["_OUTREACH_COMPLETE"] = "1"
sys.argv[1:] = {words!r}
from outreach_client.entry import main
main()
sys.exit(any(name in sys.modules for name in {dear!r}))
"""


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two campaigns that were read just now, one of which has a space in its name."""
    monkeypatch.setenv("OUTREACH_CONFIG_HOME", str(tmp_path))
    note_names("default", Noun.CAMPAIGN, {"camp_1": "Spring", "camp_2": "Summer sale"})


def completed(*words: str) -> list[list[str]]:
    """The lines that a shell is told, of what was typed so far."""
    code = COMPLETE.format(words=[*words], dear=())
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    return [line.split("\t") for line in told.splitlines()]


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("words", [["l"], ["leads", "l"], ["campaigns", "pause", ""]], ids=repr)
def test_nothing_dear_is_imported_for_a_tab(words: list[str]) -> None:
    """Neither what calls need nor what makes commands."""
    ended, _ = run("-c", COMPLETE.format(words=words, dear=(*DEAR, "typer", "google.protobuf")))

    assert ended == 0


@pytest.mark.lasts(seconds=3)
@pytest.mark.usefixtures("remembered")
def test_a_tab_comes_at_once() -> None:
    """The name of a campaign took a tenth of a second and more before anything was known."""
    words = ["campaigns", "pause", "S"]

    assert times_of_nothing("-c", COMPLETE.format(words=words, dear=())) <= MOST


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (["l"], ["leads", "lists", "login", "logout"]),
        (["campaigns", "pa"], ["pause"]),
        (["campaigns", "pause", "s"], ["Spring", "Summer sale"]),
        (["campaigns", "pause", "camp_2"], ["camp_2"]),
        (["campaigns", "pause", "camp_2", ""], []),
        (["--profile", "default", "campaigns", "pause", "sp"], ["Spring"]),
        (["campaigns", "list", "--state", "p"], ["paused"]),
        (["campaigns", "list", "--state=p"], ["--state=paused"]),
        (["campaigns", "list", "--sta"], ["--state"]),
        (["campaigns", "list", "-o", "j"], ["json", "jsonl"]),
        (["audit", "list", "--service", "web"], ["webhook-dispatcher"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["nothing", ""], []),
    ],
    ids=repr,
)
def test_what_could_follow_is_told(words: list[str], texts: list[str]) -> None:
    """Commands, options, what an option takes, and the names of things."""
    assert [text for text, *_ in completed(*words)] == texts


@pytest.mark.usefixtures("remembered")
def test_bash_completes(tmp_path: Path) -> None:
    """By the script that is printed for it; a name with a space is one word."""
    typed = (
        f"outreach() {{ {sys.executable} -c"
        " 'from outreach_client.entry import main; main()' \"$@\"; }\n"
        f"{script(Shell.BASH)}"
        "COMP_WORDS=(outreach campaigns pause su); COMP_CWORD=3; _outreach outreach\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )

    ended = subprocess.run(
        ["bash", "-c", typed], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert ended.stdout == "Summer\\ sale\n", ended.stderr


def test_names_that_are_old_are_read_anew(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own; here by what that one runs."""
    monkeypatch.setenv("OUTREACH_ORGANIZATION", "org_1")
    server.one_page = True
    before = names("default", Noun.CAMPAIGN)

    refresh("default")

    assert before == {}
    assert names("default", Noun.CAMPAIGN) == {"some campaign_id": "some name"}
    assert age("default") < 60


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
