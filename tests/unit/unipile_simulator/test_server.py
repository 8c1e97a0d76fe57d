"""The simulator as a process on a port."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner
from unipile_simulator.cli import app

Start = Callable[..., tuple[subprocess.Popen[str], httpx.Client]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start processes; they are killed at the end."""
    processes: list[subprocess.Popen[str]] = []

    def run(*flags: str) -> tuple[subprocess.Popen[str], httpx.Client]:
        command = [sys.executable, "-m", "unipile_simulator", "--port", "0", *flags]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"unipile-simulator listening on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        client = httpx.Client(
            base_url=f"{found[1]}/api/v1", headers={"X-API-KEY": "simulator-token"}
        )
        return process, client

    yield run
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.lasts(seconds=5)
def test_the_state_survives_kill_9(start: Start, tmp_path: Path) -> None:
    """An answered invitation is in the next process's list."""
    people = tmp_path / "leads.csv"
    people.write_text("linkedin,temperament\nlinkedin.com/in/ada-berg,never_answers\n")
    flags = ("--state", str(tmp_path / "state.db"), "--people", str(people), "--account", "id=a-1")
    process, client = start(*flags)
    profile = client.get("/users/ada-berg", params={"account_id": "a-1"}).json()
    body = {"account_id": "a-1", "provider_id": profile["provider_id"]}
    sent = client.post("/users/invite", json=body).json()["invitation_id"]
    process.send_signal(signal.SIGKILL)
    process.wait()

    _, client = start(*flags)

    items = client.get("/users/invite/sent", params={"account_id": "a-1"}).json()["items"]
    assert [item["id"] for item in items] == [sent]


def test_a_dropped_connection_is_dropped(start: Start) -> None:
    """The client sees the connection go, and the next call is answered."""
    process, client = start("--account", "id=a-1,name=Otto Owner,tier=free,connections=5")
    base = str(client.base_url).removesuffix("/api/v1/")
    client.post(f"{base}/_simulator/faults", json={"route": "/users/me", "fault": "drop"})

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.get("/users/me", params={"account_id": "a-1"})

    assert client.get("/users/me", params={"account_id": "a-1"}).json()["premium"] is False
    process.terminate()
    assert process.wait(timeout=10) in {0, -signal.SIGTERM}


@pytest.mark.parametrize(
    "flags",
    [
        ["--account", "tier=gold"],
        ["--account", "colour=red"],
        ["--knob", "nonsense=1"],
        ["--limit", "profiles_day=many"],
        ["--default-temperament", "grumpy"],
        ["--people", "/does/not/exist.csv"],
    ],
)
def test_bad_flags_are_told(flags: list[str]) -> None:
    """With a usage error, before anything listens."""
    assert CliRunner().invoke(app, flags).exit_code == 2
