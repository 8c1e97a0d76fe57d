"""deploy/systemd: the units run what is installed, and wait for it as long as it may take."""

import configparser
import importlib
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from servicekit.settings.drain import ends_within

UNITS = Path(__file__).parents[3] / "deploy/systemd"
SERVICES = ("campaign-api", "outreach-worker", "linkedin-gateway", "webhook-dispatcher")
BIN = Path(sys.executable).parent


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names as they stand
    parser.read(UNITS / name)
    return parser


def test_every_service_has_a_unit() -> None:
    """And the target wants all of them."""
    wanted = set(unit("outreach.target")["Unit"]["Wants"].split())

    assert wanted == {f"{service}.service" for service in SERVICES}
    assert wanted == {path.name for path in UNITS.glob("*.service") if "@" not in path.name}


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_unit_starts_runs_by_itself(service: str) -> None:
    """The console script is there; without settings it ends as the unit expects, for good."""
    section = unit(f"{service}.service")["Service"]
    command = Path(section["ExecStart"])

    ended = subprocess.run([BIN / command.name], env={}, capture_output=True, check=False)

    assert command.parent == Path("/opt/outreach/bin")
    assert ended.returncode == int(section["RestartPreventExitStatus"])
    assert b"setting_refused" in ended.stdout
    assert not ended.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_is_killed_before_they_have_ended(service: str) -> None:
    """`TimeoutStopSec` is longer than the grace that the settings have and what an end takes."""
    section = unit(f"{service}.service")["Service"]
    settings = importlib.import_module(f"{service.replace('-', '_')}.settings").Settings
    grace: timedelta = settings.model_fields["shutdown_grace"].default

    stop = timedelta(seconds=int(section["TimeoutStopSec"].removesuffix("s")))

    assert stop >= ends_within(grace)
    assert section["EnvironmentFile"] == f"/etc/outreach/{service}.env"


@pytest.mark.parametrize("service", SERVICES)
def test_a_migration_finds_its_module(service: str) -> None:
    """The template's shell makes a module's name of a service's."""
    line = unit("outreach-migrate@.service")["Service"]["ExecStart"]
    script = line.partition(" -c ")[2].strip("'").replace("%i", service).replace("%%", "%")
    script = script.replace("$$", "$").replace("exec /opt/outreach/bin/python", "echo")

    said = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)

    module = f"{service.replace('-', '_')}.migrate"
    assert said.stdout.split() == ["-m", module]
    assert importlib.util.find_spec(module)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_reads_the_units() -> None:
    """No name that systemd does not know; that nothing lies in /opt here is no fault."""
    said = subprocess.run(
        ["systemd-analyze", "verify", *sorted(map(str, UNITS.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )

    faults = [line for line in said.stderr.splitlines() if "/opt/outreach" not in line]
    assert not faults
