"""Build images with whichever tool is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deployment.images.parts import Image, package_of, parts_of
from deployment.images.tool_environment import tool_environment

FILE = Path("deploy/images/Dockerfile")
DEFAULT_BASE = "docker.io/library/python:3.11-slim-bookworm"
LOCAL = "localhost/"
"""How the names of images begin that stay on the machine on which they are built."""
_PINNED = re.compile(r"[^@\s]+@(sha256:[0-9a-f]{64})")
_WHEELS = "IMAGE_WHEELS"
"""Names a folder with wheels, for machines that reach no index."""
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


class NoBuilder(RuntimeError):
    """Neither buildah nor docker is there: `apt-get install buildah`."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class WheelsNeedBuildah(RuntimeError):
    """IMAGE_WHEELS is given, and docker cannot mount that folder: `apt-get install buildah`."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class NotBuilt(RuntimeError):
    """The tool refused; it said why."""


class BaseNotPinned(RuntimeError):
    """A release is to be built on whatever a tag means today."""

    def __init__(self, base: str) -> None:
        name = base.partition("@")[0]
        super().__init__(
            f"IMAGE_BASE={base} does not say which image it means: give it as NAME@sha256:… (skopeo"
            f" inspect --format '{{{{.Digest}}}}' docker://{name} tells it). IMAGE_BASE_UNPINNED=1"
            f" builds on the tag all the same, as do images that stay here ({LOCAL}…)."
        )


def digest_of(base: str) -> str:
    """By which a base is pinned; empty where it is not."""
    found = _PINNED.fullmatch(base)
    return found[1] if found else ""


@dataclass(frozen=True, kw_only=True)
class Build:
    """How all images of a run are built."""

    root: Path
    tag: str
    base: str = DEFAULT_BASE
    registry: str = "localhost/outreach"
    revision: str = "unknown"
    version: str = "0"

    @property
    def is_local(self) -> bool:
        """Whether what is built stays on this machine."""
        return self.registry.startswith(LOCAL)

    def require_pinned(self) -> None:
        """Raise `BaseNotPinned` where others get what is built, and nobody could build it again."""
        if not self.is_local and not digest_of(self.base):
            raise BaseNotPinned(self.base)

    def reference(self, image: Image) -> str:
        """How the image is called."""
        return f"{self.registry}/{image.name}:{self.tag}"

    def arguments(self, image: Image) -> Mapping[str, str]:
        """What the file is told."""
        told = {
            "BASE": self.base,
            "BASE_DIGEST": digest_of(self.base),
            "PARTS": " ".join(parts_of(self.root, image.part)),
            "ENTRY": image.entry,
            "EXTRA": image.extra,
            "PACKAGE": " ".join((package_of(self.root, image.part), *image.programs)),
            "TITLE": image.name,
            "VERSION": self.version,
            "REVISION": self.revision,
        }
        return told | ({"WHEELS": "yes"} if os.environ.get(_WHEELS) else {})

    def build(self, image: Image) -> None:
        """Build one.

        Raises `NoBuilder`, `WheelsNeedBuildah`, and `NotBuilt` when the tool refuses.
        """
        command = [*_tool(), "-f", str(FILE), "-t", self.reference(image)]
        for name, value in self.arguments(image).items():
            command += ["--build-arg", f"{name}={value}"]
        environment = tool_environment(self.scratch)
        made = subprocess.run([*command, "."], cwd=self.root, check=False, env=environment)  # noqa: S603 - ours
        if made.returncode:
            raise NotBuilt(image.name)

    def own_size(self, image: Image) -> int:
        """How large the image is without its base, in bytes."""
        return self._size(self.reference(image)) - self._size(self.base)

    @property
    def scratch(self) -> Path:
        """Where it may leave what tools are told."""
        folder = self.root / "build"
        folder.mkdir(exist_ok=True)
        return folder

    def _size(self, reference: str) -> int:
        """What an image's file systems have, all layers together."""
        tool = shutil.which("podman") or shutil.which("docker")
        if tool is None:
            raise NoBuilder
        told = subprocess.run(  # noqa: S603 - the arguments are ours
            [tool, "image", "inspect", reference],
            capture_output=True,
            text=True,
            check=True,
            env=tool_environment(self.scratch),
        )
        return int(json.loads(told.stdout)[0]["Size"])


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
        if os.environ.get(_WHEELS):
            raise WheelsNeedBuildah
        return [found, "build"]
    raise NoBuilder


def too_large(build: Build, images: Sequence[Image]) -> Iterator[str]:
    """Images whose own layer has more than it may."""
    for image in images:
        size = build.own_size(image)
        if size > image.largest:
            yield f"{image.name}: {size / 1e6:.0f} MB, at most {image.largest / 1e6:.0f}"
