"""Profiles: an option goes before the environment, and that before what a profile says."""

import json
from pathlib import Path

import pytest
from outreach_client.cli import app
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server


@pytest.fixture
def home(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where profiles are kept; the environment says nothing of organizations."""
    del server
    monkeypatch.delenv("OUTREACH_ORGANIZATION")
    return tmp_path / "config"


def organization_asked(server: Server) -> str:
    _, requests = server.asked[-1]
    return str(requests[0].organization_id)  # type: ignore[attr-defined]


def test_a_profile_is_the_last_to_be_asked(
    home: Path, server: Server, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flag, environment, profile, in this order; `--profile` before or behind the command."""
    for profile, organization in (("default", "org_a"), ("east", "org_b")):
        set_ = ["config", "set", "organization", organization, "--profile", profile]
        assert runner.invoke(app, set_).exit_code == 0
    asked = []

    for line in (
        "campaigns list",
        "campaigns list --profile east",
        "--profile east campaigns list",
        "campaigns list --profile east -O org_c",
    ):
        assert runner.invoke(app, line.split()).exit_code == 0
        asked.append(organization_asked(server))
    monkeypatch.setenv("OUTREACH_ORGANIZATION", "org_d")
    runner.invoke(app, ["campaigns", "list", "--profile", "east"])
    asked.append(organization_asked(server))

    assert asked == ["org_a", "org_b", "org_b", "org_c", "org_d"]
    assert (home / "config.json").stat().st_mode & 0o777 == 0o600


def test_profiles_are_used_shown_and_forgotten(home: Path, runner: CliRunner) -> None:
    """A star stands before the one in use; what is unset is as by default."""
    del home
    runner.invoke(app, ["config", "set", "organization", "org_b", "--profile", "east"])

    unknown = runner.invoke(app, ["config", "use", "west"])
    used = runner.invoke(app, ["config", "use", "east"])
    listed = runner.invoke(app, ["config", "list", "-o", "json"])
    shown = runner.invoke(app, ["config", "show", "-o", "json"])
    runner.invoke(app, ["config", "unset", "organization"])
    after = runner.invoke(app, ["config", "show"])
    refused = runner.invoke(app, ["config", "delete", "east"])
    forgotten = runner.invoke(app, ["config", "delete", "east", "--yes"])

    assert (unknown.exit_code, used.exit_code) == (2, 0)
    assert [(row["used"], row["profile"]) for row in json.loads(listed.stdout)] == [("*", "east")]
    rows = {row["setting"]: row for row in json.loads(shown.stdout)}
    assert rows["organization"]["value"] == "org_b"
    assert rows["organization"]["from"] == "profile east"
    assert rows["gateway_address"]["from"] == "OUTREACH_GATEWAY_ADDRESS"
    assert "organization" not in after.stdout
    assert (refused.exit_code, forgotten.exit_code) == (2, 0)
    assert "default" in runner.invoke(app, ["config", "list"]).stdout


def test_each_profile_has_its_key(
    home: Path,
    server: Server,
    runner: CliRunner,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """`login --profile` keeps it for that one alone."""
    for name in ("OUTREACH_CREDENTIALS", "OUTREACH_TOKEN"):
        monkeypatch.delenv(name)
    key = tmp_path / "key"
    key.write_text("a-key\n")
    assert server.asked == []

    login = runner.invoke(app, ["login", "--api-key-file", str(key), "--profile", "east"])
    whoami = runner.invoke(app, ["whoami", "--profile", "east"])
    runner.invoke(app, ["whoami"])

    assert login.exit_code == 0, login.output
    assert (home / "api-key.east").stat().st_mode & 0o777 == 0o600
    assert "profile east" in " ".join(whoami.stdout.split())
    assert "authorization" not in server.metadata


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"used": 1}', '{"used": "a", "profiles": {"a": []}}', "\x00"],
)
def test_a_file_that_holds_no_profiles_is_named(
    home: Path, server: Server, runner: CliRunner, content: str
) -> None:
    """As a wrong usage, before anything is asked."""
    home.mkdir()
    (home / "config.json").write_text(content)

    result = runner.invoke(app, ["whoami"])

    assert result.exit_code == 2, result.output
    assert "config.json" in result.stderr
    assert server.asked == []


@pytest.mark.parametrize("line", ["set colour red", "set timeout", "unset colour", "use ../../etc"])
def test_what_no_profile_has_is_refused(home: Path, runner: CliRunner, line: str) -> None:
    """A setting that there is not, nothing to set, and a name that is a path."""
    result = runner.invoke(app, ["config", *line.split()])

    assert result.exit_code == 2
    assert not home.exists()
