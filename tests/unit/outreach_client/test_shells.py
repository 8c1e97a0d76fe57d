"""Shells complete what is typed in them, by the scripts that are printed for them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from outreach_client.completion.shells import Shell, script
from outreach_client.names.memory import note_names
from outreach_client.names.nouns import Noun

from tests.unit.outreach_client.terminal import Terminal

PROGRAM = (
    f"#!/bin/sh\nexec {sys.executable} -c 'from outreach_client.entry import main; main()' \"$@\"\n"
)


def needs(shell: Shell) -> pytest.MarkDecorator:
    """Where there is no such shell, nobody there completes by it."""
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed here")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """A home of one's own with `outreach` in the path, and two campaigns that it knows."""
    monkeypatch.setenv("OUTREACH_CONFIG_HOME", str(tmp_path / "config"))
    note_names("default", Noun.CAMPAIGN, {"camp_1": "Spring", "camp_2": "Summer sale"})
    program = tmp_path / "bin" / "outreach"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o700)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path)}


@needs(Shell.FISH)
@pytest.mark.parametrize(
    ("typed", "first"),
    [("outreach campaigns pau", "pause"), ("outreach campaigns pause su", "Summer sale")],
)
def test_fish_completes(environment: dict[str, str], typed: str, first: str) -> None:
    """Commands and names, each with what is told of it behind a tab."""
    asked = f"{script(Shell.FISH)}\ncomplete --do-complete '{typed}'"

    ended = subprocess.run(
        ["fish", "--no-config", "-c", asked],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    (line,) = ended.stdout.splitlines()
    text, _, told = line.partition("\t")
    assert text.replace("\\", "") == first, ended.stderr
    assert told


@needs(Shell.ZSH)
@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("outreach campaigns pau", "outreach campaigns pause "),
        ("outreach campaigns pause su", "outreach campaigns pause Summer\\ sale "),
    ],
)
def test_zsh_completes(environment: dict[str, str], typed: str, becomes: str) -> None:
    """With a TAB in a terminal; a name with a space is one word, whatever case it is typed in."""
    begun = Path(environment["HOME"]) / ".zshrc"
    begun.write_text(
        "autoload -U compinit && compinit -u -D\n"
        f"{script(Shell.ZSH)}"
        'shown() { print -r -- "<<$BUFFER>>" }\n'
        "zle -N shown\n"
        "bindkey '^X' shown\n"
        "PROMPT='ready> '\n"
    )

    with Terminal(["zsh", "-i"], environment, columns=100) as terminal:
        terminal.until(lambda written: "ready> " in written)
        terminal.type(f"{typed}\t\x18")
        written = terminal.until(lambda written: ">>" in written.partition("<<")[2])

    shown = re.search(r"<<(.*?)>>", written, re.DOTALL)
    assert shown is not None
    assert shown[1] == becomes
