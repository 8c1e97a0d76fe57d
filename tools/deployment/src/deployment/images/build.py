"""Build images with whichever tool is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deployment.images.parts import Image, parts_of

FILE = Path("deploy/images/Dockerfile")
DEFAULT_BASE = "docker.io/library/python:3.11-slim-bookworm"
_WHEELS = "IMAGE_WHEELS"
"""Names a folder with wheels, for machines that reach no index."""
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


class NoBuilder(RuntimeError):
    """Neither buildah nor docker is there: `apt-get install buildah`."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class NotBuilt(RuntimeError):
    """The tool refused; it said why."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """How all images of a run are built."""

    root: Path
    tag: str
    base: str = DEFAULT_BASE
    registry: str = "localhost/outreach"
    revision: str = "unknown"
    version: str = "0"

    def reference(self, image: Image) -> str:
        """How the image is called."""
        return f"{self.registry}/{image.name}:{self.tag}"

    def arguments(self, image: Image) -> Mapping[str, str]:
        """What the file is told."""
        told = {
            "BASE": self.base,
            "PARTS": " ".join(parts_of(self.root, image.part)),
            "ENTRY": image.entry,
            "TITLE": image.name,
            "VERSION": self.version,
            "REVISION": self.revision,
        }
        return told | ({"WHEELS": "yes"} if os.environ.get(_WHEELS) else {})

    def build(self, image: Image) -> None:
        """Build one. Raises `NoBuilder`, and `NotBuilt` when the tool refuses."""
        command = [*_tool(), "-f", str(FILE), "-t", self.reference(image)]
        for name, value in self.arguments(image).items():
            command += ["--build-arg", f"{name}={value}"]
        made = subprocess.run([*command, "."], cwd=self.root, check=False)  # noqa: S603 - ours
        if made.returncode:
            raise NotBuilt(image.name)

    def own_size(self, image: Image) -> int:
        """How large the image is without its base, in bytes."""
        return _size(self.reference(image)) - _size(self.base)


def _tool() -> Sequence[str]:
    if found := shutil.which("buildah"):
        command = [found, "bud", "--isolation", "chroot", "--layers"]
        if os.environ.get("PIP_CERT"):
            # A network of one's own has an authority of its own, which the build must believe.
            command += ["--volume", f"{os.environ['PIP_CERT']}:{_CERTIFICATES}:ro"]
        if os.environ.get(_WHEELS):
            command += ["--volume", f"{Path(os.environ[_WHEELS]).resolve()}:/wheels:ro"]
        return command
    if found := shutil.which("docker"):
        return [found, "build"]
    raise NoBuilder


def _size(reference: str) -> int:
    """What an image's file systems have, all layers together."""
    tool = shutil.which("podman") or shutil.which("docker")
    if tool is None:
        raise NoBuilder
    told = subprocess.run(  # noqa: S603 - the arguments are ours
        [tool, "image", "inspect", reference], capture_output=True, text=True, check=True
    )
    return int(json.loads(told.stdout)[0]["Size"])


def too_large(build: Build, images: Sequence[Image]) -> Iterator[str]:
    """Images whose own layer has more than it may."""
    for image in images:
        size = build.own_size(image)
        if size > image.largest:
            yield f"{image.name}: {size / 1e6:.0f} MB, at most {image.largest / 1e6:.0f}"
