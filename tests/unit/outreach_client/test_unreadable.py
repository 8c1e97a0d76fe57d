"""What a command cannot read or write is told, and leaves what is there."""

from pathlib import Path

import pytest
from outreach_client.cli import app
from servicekit.errors import NotFound, Unavailable
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server

EXPORT = ["leads", "export", "camp_1", "--to"]
FILES = ("TOKEN_FILE", "API_KEY_FILE", "TLS_AUTHORITIES_FILE", "TLS_CERTIFICATE_FILE")


@pytest.mark.parametrize("command", ["whoami", "campaigns watch camp_1", "login", "logout"])
def test_a_setting_that_is_none_is_named(
    server: Server, runner: CliRunner, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """It was a traceback, and exit code 1, which is a bug of the server's."""
    monkeypatch.setenv("OUTREACH_TIMEOUT", "abc")

    result = runner.invoke(app, command.split(), input="a-key\n")

    assert result.exit_code == 2, result.output
    assert "OUTREACH_TIMEOUT" in result.stderr
    assert server.asked == []


@pytest.mark.parametrize("content", [None, b"\xff\xfe no text"], ids=["missing", "unread"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_named(
    server: Server,
    runner: CliRunner,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    content: bytes | None,
) -> None:
    """By the variable that it is of, before anything is asked."""
    file = tmp_path / "unreadable"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.delenv("OUTREACH_TOKEN")
    for each in FILES[2:] if name.startswith("TLS") else (name,):
        monkeypatch.setenv(f"OUTREACH_{each}", str(file))
    if name.startswith("TLS"):
        monkeypatch.setenv("OUTREACH_TLS_KEY_FILE", str(file))

    result = runner.invoke(app, ["whoami"])

    assert result.exit_code == 2, result.output
    assert f"OUTREACH_{name}" in result.stderr
    assert "OUTREACH_CREDENTIALS" not in result.stderr
    assert server.asked == []


@pytest.mark.parametrize("refusal", [NotFound(), Unavailable()], ids=repr)
def test_an_export_that_is_refused_leaves_the_file(
    server: Server, runner: CliRunner, tmp_path: Path, refusal: NotFound
) -> None:
    """It was emptied before anybody was asked."""
    file = tmp_path / "leads.csv"
    file.write_bytes(b"of yesterday")
    server.refusal = refusal

    result = runner.invoke(app, [*EXPORT, str(file)])

    assert result.exit_code
    assert file.read_bytes() == b"of yesterday"


def test_an_export_replaces_the_file(server: Server, runner: CliRunner, tmp_path: Path) -> None:
    """Once there is something to write."""
    file = tmp_path / "leads.csv"
    file.write_bytes(b"of yesterday")

    result = runner.invoke(app, [*EXPORT, str(file)])

    assert result.exit_code == 0, result.output
    assert file.read_bytes() == b"bytes" * 2
    assert server.asked


@pytest.mark.parametrize("before", [b"of yesterday", None], ids=["replaced", "new"])
def test_an_export_that_breaks_off_leaves_no_part(
    server: Server, runner: CliRunner, tmp_path: Path, before: bytes | None
) -> None:
    """Half of the leads were in the file, which looked like all of them."""
    file = tmp_path / "leads.csv"
    if before is not None:
        file.write_bytes(before)
    server.cut_off = [NotFound()]

    result = runner.invoke(app, [*EXPORT, str(file)])

    assert result.exit_code
    assert len(server.asked) == 1
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([before] if before else [])


def test_an_export_keeps_what_the_file_is(
    server: Server, runner: CliRunner, tmp_path: Path
) -> None:
    """Who may read it, and that it is told by a link."""
    file, link = tmp_path / "leads.csv", tmp_path / "link"
    file.touch(mode=0o600)
    link.symlink_to(file)

    result = runner.invoke(app, [*EXPORT, str(link)])

    assert result.exit_code == 0, result.output
    assert server.asked
    assert link.is_symlink()
    assert file.read_bytes() == b"bytes" * 2
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_export_that_is_shown_writes_nothing(
    server: Server, runner: CliRunner, tmp_path: Path
) -> None:
    """With --json the pieces are printed; the file is nobody's then."""
    file = tmp_path / "leads.csv"

    result = runner.invoke(app, [*EXPORT, str(file), "--json"])

    assert result.exit_code == 0, result.output
    assert not file.exists()
    assert server.asked


def test_a_file_that_cannot_be_written_is_told(
    server: Server, runner: CliRunner, tmp_path: Path
) -> None:
    """As a wrong usage."""
    result = runner.invoke(app, [*EXPORT, str(tmp_path / "nowhere" / "leads.csv")])

    assert result.exit_code == 2, result.output
    assert server.asked
