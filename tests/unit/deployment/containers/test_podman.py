"""What containers need of a machine, and what is told where it is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from deployment.cli import app
from deployment.containers import podman
from deployment.containers.podman import APT, Podman, PodmanMissing
from deployment.containers.usage import usage_of
from deployment.images.tool_environment import tool_environment
from typer.testing import CliRunner

DOCS = Path(__file__).parents[4] / "docs/deploying.md"


def test_the_page_has_the_line_that_the_lane_tells() -> None:
    """Whoever reads the one has not to look for the other."""
    assert f"\n{APT}\n" in DOCS.read_text()
    assert set(podman._NEEDED) <= set(APT.split())


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each program, and how all of them come."""
    for name in ("podman", "buildah", "runc", "iptables"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(podman, "_ADMINISTRATORS", (str(tmp_path),))

    with pytest.raises(PodmanMissing) as missing:
        Podman(tmp_path)

    assert str(missing.value) == f"catatonit is missing. On Debian 12: {APT}"


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("1", 1)])
def test_a_lane_that_is_skipped_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, code: int
) -> None:
    """Never in silence, and not at all in a CI."""
    monkeypatch.setattr(podman, "_ADMINISTRATORS", (str(tmp_path),))

    with_kubectl = f"{tmp_path}{os.pathsep}/nowhere"
    (tmp_path / "kubectl").write_text("#!/bin/sh\necho\n")
    (tmp_path / "kubectl").chmod(0o755)
    ended = CliRunner().invoke(app, ["containers"], env={"PATH": with_kubectl, "CI": ci})

    assert ended.exit_code == code
    assert "not run: podman, buildah, runc, catatonit, iptables are missing." in ended.output


def test_tools_are_told_what_the_machine_does_not_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody has set themselves is left as it is."""
    monkeypatch.setenv("STORAGE_DRIVER", "btrfs")
    monkeypatch.setattr("deployment.images.tool_environment._SYSTEMD", tmp_path / "none")
    told = tool_environment(tmp_path)

    assert told["STORAGE_DRIVER"] == "btrfs"
    assert 'runtime = "runc"' in Path(told["CONTAINERS_CONF"]).read_text()
    monkeypatch.setattr("deployment.images.tool_environment._SYSTEMD", tmp_path)
    assert "CONTAINERS_CONF" not in tool_environment(tmp_path)


def test_what_a_process_takes_is_the_kernels_word(tmp_path: Path) -> None:
    """Peak and processor of one process, whatever its name looks like."""
    folder = tmp_path / "7"
    folder.mkdir()
    (folder / "status").write_text("Name:\tpython\nVmHWM:\t  204800 kB\nVmRSS:\t  1024 kB\n")
    times = " ".join(["S", *map(str, range(1, 11)), "150", "50", *map(str, range(20))])
    (folder / "stat").write_text(f"7 (a) b (c) {times}\n")

    usage = usage_of(7, tmp_path)

    assert usage.most_mebibytes == 200
    assert usage.processor_seconds == 200 / os.sysconf("SC_CLK_TCK")
    assert usage_of(os.getpid()).most_mebibytes > 1
