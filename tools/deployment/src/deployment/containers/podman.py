"""The commands of podman that are needed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import yaml


class PodmanMissing(RuntimeError):
    """`podman` and `buildah` are needed: apt-get install podman buildah runc catatonit."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class PodmanFailed(RuntimeError):
    """Podman refused; it said why."""


class Podman:
    """One network, and what runs in it; all of it is gone when the block is left."""

    def __init__(self, network: str, subnet: str, scratch: Path) -> None:
        found = shutil.which("podman")
        if found is None or shutil.which("buildah") is None:
            raise PodmanMissing
        self._command = found
        self._scratch = scratch
        self.network = network
        self.subnet = subnet
        self._secrets: list[str] = []
        self._pods: list[str] = []

    def __enter__(self) -> Self:
        self.run("network", "create", "--subnet", self.subnet, self.network)
        return self

    def __exit__(self, *_: object) -> None:
        for pod in self._pods:
            self.run("pod", "rm", "--force", "--time", "2", pod, check=False)
        for secret in self._secrets:
            self.run("secret", "rm", secret, check=False)
        self.run("network", "rm", "--force", self.network, check=False)

    def run(self, *words: str, check: bool = True, timeout: float = 120, text: str = "") -> str:
        """Run one command. Raises `PodmanFailed` with what podman said, unless told otherwise."""
        return self.run_other(self._command, *words, check=check, timeout=timeout, text=text)

    def run_other(
        self, *words: str, check: bool = True, timeout: float = 600, text: str = ""
    ) -> str:
        """Run one command of another program; raises `PodmanFailed` likewise."""
        made = subprocess.run(  # noqa: S603 - the arguments are ours
            words, capture_output=True, text=True, check=False, timeout=timeout, input=text
        )
        if check and made.returncode:
            raise PodmanFailed(f"{' '.join(words[:4])}: {made.stderr.strip()[-2000:]}")
        return made.stdout

    def has_image(self, reference: str) -> bool:
        """Whether an image is there."""
        return bool(self.run("images", "--quiet", reference).strip())

    def add_secret(self, name: str, content: Mapping[str, str]) -> None:
        """A secret as pods ask for it in their environment: its values are in base64 already."""
        self.run("secret", "rm", name, check=False)
        self.run("secret", "create", name, "-", text=json.dumps(dict(content)))
        self._secrets.append(name)

    def play(
        self, pod: Mapping[str, Any], config_maps: Sequence[Mapping[str, Any]], ip: str
    ) -> None:
        """Start a pod at an address."""
        name = pod["metadata"]["name"]
        path = self._scratch / f"{name}.yaml"
        path.write_text(yaml.safe_dump_all([*config_maps, pod]))
        self._pods.append(name)
        self.run(
            "play",
            "kube",
            "--log-driver",
            "k8s-file",
            "--network",
            self.network,
            "--ip",
            ip,
            str(path),
        )

    def inspect(self, container: str) -> Any:
        """What podman knows of a container."""
        return json.loads(self.run("inspect", container))[0]

    def said(self, container: str) -> str:
        """The end of what a container has said, to both of its streams."""
        told = subprocess.run(  # noqa: S603 - the arguments are ours
            [self._command, "logs", "--tail", "30", container],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        return told.stdout[-3000:]
