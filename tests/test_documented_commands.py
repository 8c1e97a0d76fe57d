"""Whoever types a command of the documents is understood by the command line."""

import copy
import functools
import itertools
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from outreach_client.cli import app
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server, runner, server

__all__ = ["runner", "server"]
"""Fixtures of the command line's own tests."""

ROOT = Path(__file__).parent.parent
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name != "cli.md"),
    *sorted((ROOT / "deploy/observability/alerts").glob("*.yaml")),
)
_SPAN = re.compile(r"`outreach ([^`]+)`")
_LINE = re.compile(r"^\s*(?:\$ )?outreach (.+)$", re.MULTILINE)
_OPTIONAL = re.compile(r"\s\[[^\]]*\]")
"""What a person may add."""


def _commands(page: Path) -> Iterator[str]:
    text = page.read_text()
    joined = re.sub(r"\\\n\s*", " ", text)
    for found in (*_SPAN.findall(text), *_LINE.findall(joined)):
        yield _OPTIONAL.sub("", " ".join(found.split()))


DOCUMENTED = sorted({(page.name, command) for page in PAGES for command in _commands(page)})


def words_of(command: str) -> list[str]:
    """What the program is given of a line, without remarks and what the shell does with them."""
    shell = shlex.shlex(command, posix=True, punctuation_chars="|&;<>")
    shell.whitespace_split = True
    words = itertools.takewhile(lambda word: not set(word) <= set("|&;<>"), shell)
    return list(words)


@functools.cache
def _command_line() -> Any:
    """Made once: for each line of a page all groups of commands would be made anew."""
    return typer.main.get_command(app)


def _resolved(words: list[str]) -> tuple[Any, list[str]]:
    """A command, and what is said behind it; None where there is no such command."""
    command = _command_line()
    while hasattr(command, "resolve_command") and words and not words[0].startswith("-"):
        context = command.make_context(command.name, [], resilient_parsing=True)
        if words[0] not in command.list_commands(context):
            return None, words
        _, command, words = command.resolve_command(context, words)
    return command, words


def is_whole(words: list[str]) -> bool:
    """Whether it is a command to be typed as it stands, and not the mention of one."""
    command, rest = _resolved(words)
    if command is None or hasattr(command, "resolve_command"):
        return False
    needed = [param for param in command.params if param.required and not param.envvar]
    return bool(rest) or not needed


def asks(words: list[str]) -> bool:
    """Whether it asks before it does anything."""
    command, _ = _resolved(words)
    return any(param.name == "yes" for param in command.params)


def understood(words: list[str]) -> bool:
    """Whether the command line takes what is said after `outreach`; it does nothing of it.

    A command alone is a mention of it, which need not be complete.
    """
    command, words = _resolved(words)
    if command is None:
        return False
    if not words:
        return True
    idle = copy.copy(command)
    idle.invoke = lambda _context: None
    with pytest.raises(SystemExit) as ended:
        idle.main(words)
    return ended.value.code == 0


def test_commands_are_documented() -> None:
    """They are found in spans, in blocks and in the descriptions of alerts."""
    pages = {page for page, _ in DOCUMENTED}

    assert {"README.md", "runbook.md", "alerts.md", "deploying.md"} <= pages
    assert len(DOCUMENTED) > 60


@pytest.mark.parametrize(("page", "command"), DOCUMENTED)
def test_a_documented_command_is_understood(
    page: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every option and argument that it needs, and none that there is not."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OUTREACH_ORGANIZATION", "org_1")
    file = tmp_path / "file"
    file.touch()
    meant = {"FILE": str(file), "N": "2"}
    words = [meant.get(word, word) for word in words_of(command)]

    assert understood(words), f"{page}: outreach {command}"


WHOLE = sorted(
    {
        part
        for _, line in DOCUMENTED
        for part in re.split(r"\s*(?:&&|;)\s*(?:outreach\s+)?", line)
        if is_whole(words_of(part))
    }
)
NOT_HERE: Mapping[str, str] = {
    "doctor": "it asks of health too: `test_doctor` has servers that have it, and a whole stack",
    "webhooks listen": "it listens until it is interrupted, which its own tests do",
    "bootstrap": "it asks a database, which tests of the identity library have",
    "login": "it asks for a key where nobody types",
    "leads watch": "its server never ends: `test_streams` follows one that does",
}
"""What no server that answers everything can answer, and who runs it."""
MEANT = {
    "ACCOUNT": "acct_1",
    "CAMPAIGN": "camp_1",
    "camp_…": "camp_1",
    "lead_…": "lead_1",
    "list_…": "list_1",
    "org_…": "org_1",
    "lead/camp_…/lead_…": "lead/camp_1/lead_1",
    "KIND": "invitation",
    "ACCT": "acct_1",
    "CAMP": "camp_1",
    "NAME": "acct_1",
    "ENDPOINT": "ep_1",
    "DELIVERY": "dlv_1",
    "LEAD": "lead_1",
    "lead/CAMPAIGN/LEAD": "lead/camp_1/lead_1",
    "MEMBER": "mem_1",
    "N": "2",
}
ENDS = {
    "campaigns validate": 4,
    "sequences render": 4,
    "audit verify": 5,
    "campaigns launch": 4,
    "lists import": 4,
}
"""A filled answer has violations, faults and a failure, which is what these tell."""


@pytest.mark.parametrize("command", WHOLE)
def test_a_documented_command_is_done(
    server: Server,
    runner: CliRunner,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It asks a server, says what it answers, and ends as it should."""
    if command.startswith(tuple(NOT_HERE)):
        pytest.skip(next(why for begun, why in NOT_HERE.items() if command.startswith(begun)))
    monkeypatch.chdir(ROOT)
    server.one_page = True
    file = tmp_path / "leads.csv"
    file.write_text("Profil\nhttps://www.linkedin.com/in/ada-example\n")
    drawing = tmp_path / "drawing.json"
    drawing.write_text('{"nodes": []}')
    meant = {
        **MEANT,
        "FILE": str(drawing if "--sequence" in command else file),
        "fair.csv": str(file),
    }
    words = [meant.get(word, word) for word in words_of(command)]
    if asks(words):
        words.append("--yes")
    if command.startswith("campaigns launch"):
        words.append("--no-watch")

    result = runner.invoke(app, words)

    expected = next((end for begun, end in ENDS.items() if command.startswith(begun)), 0)
    assert result.exit_code == expected, result.output
    assert server.asked
    assert result.output.strip()


@pytest.mark.parametrize(
    "command",
    ["holds put everything", "actions list ORG --state unknown", "leads fetch", "leads get -x"],
)
def test_what_is_not_understood_is_found(command: str) -> None:
    """An option that is missing, an argument or a command or an option that there is not."""
    assert not understood(command.split())
