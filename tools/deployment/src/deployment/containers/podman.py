"""The commands of podman that are needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import yaml

from deployment.images.tool_environment import tool_environment

APT = (
    "apt-get install --yes --no-install-recommends buildah podman runc catatonit netavark"
    " aardvark-dns iptables uidmap mmdebstrap"
)
"""What a Debian 12 needs beside Python and make; docs/deploying.md has the same line."""
_ADMINISTRATORS = ("/usr/sbin", "/sbin")
"""Not everybody's PATH has these."""
_NEEDED = ("podman", "buildah", "runc", "catatonit", "iptables")


class PodmanMissing(RuntimeError):
    """Programs by which containers are built and run; the message says how they come."""

    def __init__(self, missing: Sequence[str]) -> None:
        verb = "is" if len(missing) == 1 else "are"
        super().__init__(f"{', '.join(missing)} {verb} missing. On Debian 12: {APT}")


class PodmanFailed(RuntimeError):
    """Podman refused; it said why."""


def require_programs() -> None:
    """Raises `PodmanMissing` unless every program is there that containers are run with."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_ADMINISTRATORS))
    if missing := [name for name in _NEEDED if shutil.which(name, path=path) is None]:
        raise PodmanMissing(missing)


class Podman:
    """The program. Raises `PodmanMissing` where it, or what it needs, is not there."""

    def __init__(self, scratch: Path) -> None:
        require_programs()
        self._command = "podman"
        self._scratch = scratch
        self._environment = tool_environment(scratch)

    def run(self, *words: str, check: bool = True, timeout: float = 120, text: str = "") -> str:
        """Run one command. Raises `PodmanFailed` with what podman said, unless told otherwise."""
        return self.run_other(self._command, *words, check=check, timeout=timeout, text=text)

    def run_other(
        self, *words: str, check: bool = True, timeout: float = 600, text: str = ""
    ) -> str:
        """Run one command of another program; raises `PodmanFailed` likewise."""
        made = subprocess.run(  # noqa: S603 - the arguments are ours
            words,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            input=text,
            env=self._environment,
        )
        if check and made.returncode:
            raise PodmanFailed(f"{' '.join(words[:4])}: {made.stderr.strip()[-2000:]}")
        return made.stdout

    def has_image(self, reference: str) -> bool:
        """Whether an image is there."""
        return bool(self.run("images", "--quiet", reference).strip())

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
            env=self._environment,
        )
        return told.stdout[-3000:]


class PodNetwork(Podman):
    """One network, and what runs in it; all of it is gone when the block is left."""

    def __init__(self, network: str, subnet: str, scratch: Path) -> None:
        super().__init__(scratch)
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
