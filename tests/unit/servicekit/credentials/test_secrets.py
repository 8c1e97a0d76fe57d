"""servicekit.credentials.secrets: what others give us, as it is now."""

import io
import itertools
import json
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import SecretStr, ValidationError
from servicekit.credentials import watched_files
from servicekit.credentials.secrets import Secret
from servicekit.settings import ServiceSettings
from servicekit.telemetry import logs

FIRST, SECOND = "the-first-credential", "the-second-credential"


class Settings(ServiceSettings, env_prefix="THING_"):
    """Of some service."""

    required_credentials: ClassVar[tuple[str, ...]] = ("api_key",)

    api_key: SecretStr | None = None
    api_key_file: Path | None = None
    other_key: SecretStr | None = None
    other_key_file: Path | None = None


@pytest.fixture(autouse=True)
def _looks_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_files, "LOOKED_AT_EVERY", 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{FIRST}\n")
    return path


def test_a_file_is_read_again(file: Path) -> None:
    """A new value is in force at once; of several lines the first is used, and all are believed."""
    secret = Secret.of_setting(Settings(api_key_file=file), "api_key")
    first = secret.get()
    file.write_text(f"{SECOND}\n\n{FIRST}\n")

    assert (first, secret.get(), secret.all()) == (FIRST, SECOND, (SECOND, FIRST))


def test_a_file_without_a_value_changes_nothing(file: Path) -> None:
    """One that is being emptied is not taken for no credential; at the start it is an error."""
    secret = Secret.in_file(file, shortest=10)
    for broken in ("", "\n \n", "short", f"{SECOND}\nshort"):
        file.write_text(broken)
        assert secret.get() == FIRST
        with pytest.raises(ValueError, match="needs a credential of 10 characters"):
            Secret.in_file(file, shortest=10)


def test_a_value_is_as_good(file: Path) -> None:
    """What is given by value stays, and what is not given is none."""
    settings = Settings(api_key=SecretStr(FIRST))

    assert Secret.of_setting(settings, "api_key").get() == FIRST
    assert not Secret.of_setting(settings, "other_key")
    assert Secret.of_setting(settings, "other_key").get() == ""
    assert file.exists()


def test_one_of_both_is_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two would be a riddle, and none of a credential that is needed stops the start."""
    with pytest.raises(ValidationError, match="set THING_API_KEY or THING_API_KEY_FILE"):
        Settings()
    monkeypatch.setenv("THING_API_KEY", FIRST)
    monkeypatch.setenv("THING_API_KEY_FILE", str(file))
    with pytest.raises(ValidationError, match="only one of THING_API_KEY, THING_API_KEY_FILE"):
        Settings()


def test_no_line_holds_what_a_file_had(file: Path) -> None:
    """Of before and of now: both are blanked, wherever they stand in a line."""
    stream = io.StringIO()
    logs.configure("t", stream=stream)
    secret = Secret.in_file(file)
    file.write_text(SECOND)
    secret.get()

    logs.get_logger("t").info("said", text=f"with {FIRST} or {SECOND}")

    (line,) = itertools.islice(reversed(stream.getvalue().splitlines()), 1)
    assert json.loads(line)["text"] == "with [redacted] or [redacted]"
