"""Whatever is typed and whatever the environment holds: an exit code and a sentence."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outreach_client.cli import app
from typer.main import get_command

from tests.unit.outreach_client.conftest import Server

CODES = {0, *range(2, 11), 130}
"""All but 1, which is a bug."""

VARIABLES = (
    "OUTREACH_TIMEOUT",
    "OUTREACH_TOKEN",
    "OUTREACH_TOKEN_FILE",
    "OUTREACH_API_KEY",
    "OUTREACH_API_KEY_FILE",
    "OUTREACH_CREDENTIALS",
    "OUTREACH_ORGANIZATION",
    "OUTREACH_PROFILE",
    "OUTREACH_TLS",
    "OUTREACH_TLS_AUTHORITIES_FILE",
    "OUTREACH_TLS_CERTIFICATE_FILE",
    "OUTREACH_TLS_KEY_FILE",
    "OUTREACH_LINKEDIN_PASSWORD",
    "HOME",
    "XDG_CONFIG_HOME",
    "COLUMNS",
    "LINES",
    "TERM",
    "TTY_COMPATIBLE",
    "NO_COLOR",
    "FORCE_COLOR",
    "TZ",
    "SANDBOX_CLOCK",
)
NASTY = (
    "",
    " ",
    "0",
    "-1",
    "1e400",
    "nan",
    "99999999999999999999",
    "999999999999w",
    "60",
    "a\nb",
    "\x1b[31mred",
    "%s{0}$HOME`id`",
    "\u202eevil",
    "zażółć 🙂",
    os.fsdecode(b"\xff\xfe"),
    "/dev/null",
    "/dev/full",
    "/",
    "/nowhere/at/all",
    "'",
    '"',
    "[bold]x[/]",
    "@last",
    "@nothing",
    "=",
    "a" * 5000,
    "1970-01-01T00:00Z",
    "0001-01-01T00:00+23:59",
    "2026-13-45",
)
nasty = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=20),
    st.integers().map(str),
)
environments = st.dictionaries(st.sampled_from(VARIABLES), nasty, max_size=4)


@cache
def every_command() -> list[tuple[tuple[str, ...], Any]]:
    """Each with the words that call it."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        if not hasattr(command, "resolve_command"):
            yield words, command
            return
        context = command.make_context("outreach", [], resilient_parsing=True)
        for name in command.list_commands(context):
            _, found, _ = command.resolve_command(context, [name])
            yield from below(found, (*words, name))

    return list(below(get_command(app), ()))


@st.composite
def typed(draw: Any) -> list[str]:
    """The words of a command, with options of its own and values that they may not have."""
    words, command = draw(st.sampled_from(every_command()))
    line = [*words]
    for param in command.params:
        wanted = param.required or draw(st.integers(0, 4)) == 0
        if not wanted or param.name == "help":
            continue
        value = draw(nasty)
        if param.param_type_name == "argument":
            line.append(value)
        elif getattr(param, "is_flag", False):
            line.append(param.opts[0])
        else:
            line += [param.opts[-1], value]
    if draw(st.booleans()):
        line.insert(draw(st.integers(0, len(line))), draw(nasty))
    return line


def ran(arguments: list[str]) -> tuple[int, str]:
    """How `outreach` ends, and what it tells of an error; what it reads is empty."""
    told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    shown = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO())
    try:
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(told):
            with pytest.raises(SystemExit) as ended:
                get_command(app).main(arguments, prog_name="outreach")
            told.flush()
    finally:
        sys.stdin = before
    return ended.value.code or 0, told.buffer.getvalue().decode()  # type: ignore[return-value, attr-defined]


@pytest.mark.lasts(seconds=20)
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(environment=environments, arguments=typed())
def test_no_traceback(
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
    environment: dict[str, str],
    arguments: list[str],
) -> None:
    """Exit code 1 is a bug; what is told to a program that reads JSON is JSON."""
    server.one_page = True
    if arguments[:1] == ["bootstrap"]:
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path_factory.mktemp("typed"))
        for name, value in environment.items():
            patched.setenv(name, value)

        code, told = ran(arguments)

    assert code in CODES, told
    assert "--debug" in arguments or "Traceback" not in told
    if code and "--json" in arguments and told:
        assert json.loads(told.splitlines()[-1])["error"]["reason"]


@pytest.mark.parametrize("timeout", ["60", "60s", "1m", "0.5", "", "1h30m"])
def test_documented_timeouts_work(
    server: Server, monkeypatch: pytest.MonkeyPatch, timeout: str
) -> None:
    """`OUTREACH_TIMEOUT=60`, which is documented, was a traceback."""
    monkeypatch.setenv("OUTREACH_TIMEOUT", timeout)

    code, told = ran(["whoami"])

    assert (code, told) == (0, "")
    assert server.asked


def test_a_traceback_is_shown_to_who_asks(server: Server, tmp_path: Path) -> None:
    """With --debug, and the sentence stays the last line."""
    del server
    wrong = ["leads", "export", "camp_1", "--to", str(tmp_path / "no" / "where")]

    _, quiet = ran(wrong)
    code, told = ran([*wrong, "--debug"])

    assert code == 2
    assert "Traceback" in told
    assert "Traceback" not in quiet


@pytest.mark.parametrize("asked", [["--json"], ["-o", "yaml"], ["--output=jsonl"]], ids=" ".join)
@pytest.mark.parametrize("wrong", [["leads", "list"], ["campaigns", "start", "camp_1", "--no"]])
def test_a_wrong_usage_is_told_to_a_program(asked: list[str], wrong: list[str]) -> None:
    """It was told as a sentence, which nothing parses."""
    code, told = ran([*wrong, *asked])

    error = json.loads(told)["error"]
    assert code == error["exitCode"] == 2
    assert error["reason"] == "WRONG_USAGE"
    assert error["message"]


PIPES = {
    "closed": ("{outreach} --help | head -n 1", 0),
    "list closed": ("{outreach} leads list camp_1 -o json | head -c 1", 0),
    "full": ("{outreach} leads list camp_1 > /dev/full", 2),
    "nowhere": ("{outreach} leads list camp_1 >&-", 0),
    "ascii": ("PYTHONIOENCODING=ascii {outreach} leads list camp_1 > /dev/null", 0),
    "posix": ("LC_ALL=POSIX LANG=C {outreach} campaigns create $(printf '\\377')", 2),
}


@pytest.mark.lasts(seconds=6)
@pytest.mark.parametrize("name", PIPES)
def test_pipes(server: Server, name: str) -> None:
    """Who has seen enough ends no command in an error; who can take nothing is told so."""
    del server
    line, code = PIPES[name]
    outreach = f"{sys.executable} -c 'from outreach_client.cli import main; main()'"

    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.format(outreach=outreach)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
