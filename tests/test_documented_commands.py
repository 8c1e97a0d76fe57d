"""Whoever types a command of the documents is understood by the command line."""

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from outreach_client.cli import app

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


def understood(words: list[str]) -> bool:
    """Whether the command line takes what is said after `outreach`; it does nothing of it.

    A command alone is a mention of it, which need not be complete.
    """
    command: Any = typer.main.get_command(app)
    while hasattr(command, "resolve_command") and words and not words[0].startswith("-"):
        context = command.make_context(command.name, [], resilient_parsing=True)
        if words[0] not in command.list_commands(context):
            return False
        _, command, words = command.resolve_command(context, words)
    if not words:
        return True
    command.invoke = lambda _context: None
    with pytest.raises(SystemExit) as ended:
        command.main(words)
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


@pytest.mark.parametrize(
    "command",
    ["holds put everything", "actions list ORG --state unknown", "leads fetch", "leads get -x"],
)
def test_what_is_not_understood_is_found(command: str) -> None:
    """An option that is missing, an argument or a command or an option that there is not."""
    assert not understood(command.split())
