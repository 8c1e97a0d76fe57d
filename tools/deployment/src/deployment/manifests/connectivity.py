"""Who reaches whom: IBM's network-config-analyzer works it out, a file says what is meant."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from deployment.manifests.objects import Rendering

_KINDS = ("Deployment", "StatefulSet", "Job", "NetworkPolicy", "Namespace")


def findings(
    rendering: Rendering, *, analyzer: Path, surroundings: Path, golden: Path, scratch: Path
) -> Iterator[str]:
    """Where the matrix is not what the file says."""
    meant = golden.read_text().splitlines()
    found = matrix(rendering, analyzer=analyzer, surroundings=surroundings, scratch=scratch)
    yield from (f"allows what is not meant: {line}" for line in found if line not in meant)
    yield from (f"does not allow what is meant: {line}" for line in meant if line not in found)


def matrix(
    rendering: Rendering, *, analyzer: Path, surroundings: Path, scratch: Path
) -> Sequence[str]:
    """A line for each that reaches another, between pods of the rendering and its surroundings.

    Raises `RuntimeError` with what the analyzer said when it fails.
    """
    folder = scratch / f"network-{rendering.name.replace(' ', '-')}"
    folder.mkdir(parents=True, exist_ok=True)
    objects = [each for each in rendering.objects if each["kind"] in _KINDS]
    (folder / "rendered.yaml").write_text(yaml.safe_dump_all(objects))
    (folder / "surroundings.yaml").write_text(surroundings.read_text())
    made = subprocess.run(  # noqa: S603 - the arguments are ours
        [str(analyzer), "--connectivity", "-r", str(folder), "--output_format", "txt"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        # How it names groups of pods depends on the order of its sets.
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    lines = [line.strip() for line in made.stdout.splitlines()]
    found = sorted(line for line in lines if line.startswith("src") and "outreach" in line)
    if not found:
        raise RuntimeError(f"network-config-analyzer: {made.stderr.strip() or made.stdout}")
    return found
