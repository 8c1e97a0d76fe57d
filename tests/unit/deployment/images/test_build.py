"""How images are built: on what, and with which tool."""

from __future__ import annotations

from pathlib import Path

import pytest
from deployment.cli import app
from deployment.images.build import DEFAULT_BASE, BaseNotPinned, Build, WheelsNeedBuildah, digest_of
from deployment.images.parts import IMAGES, package_of
from typer.testing import CliRunner

ROOT = Path(__file__).parents[4]
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
PINNED = f"docker.io/library/python@{DIGEST}"


def build(
    root: Path = ROOT, *, base: str, registry: str = "registry.example.com/outreach"
) -> Build:
    return Build(root=root, tag="1", base=base, registry=registry)


@pytest.mark.parametrize(
    "base",
    [
        DEFAULT_BASE,
        "docker.io/library/python",
        f"docker.io/library/python@{DIGEST[:-1]}",
        f"docker.io/library/python@{DIGEST}0",
        "docker.io/library/python@sha256:latest",
        f"@{DIGEST}",
        "",
    ],
)
def test_what_others_get_is_built_on_a_digest(base: str) -> None:
    """A tag means something else tomorrow; the refusal says how a digest is looked up."""
    with pytest.raises(BaseNotPinned, match=r"skopeo inspect.*IMAGE_BASE_UNPINNED=1"):
        build(base=base).require_pinned()


@pytest.mark.parametrize("base", [PINNED, f"docker.io/library/python:3.11-slim-bookworm@{DIGEST}"])
def test_a_digest_is_kept_with_the_image(base: str) -> None:
    """Which base it was is a label of what was built on it."""
    pinned = build(base=base)

    pinned.require_pinned()

    told = pinned.arguments(IMAGES[0])
    assert told["BASE"] == base
    assert told["BASE_DIGEST"] == digest_of(base) == DIGEST


def test_what_stays_here_needs_none() -> None:
    """On one's own machine the tag is what is tried."""
    build(base=DEFAULT_BASE, registry="localhost/outreach").require_pinned()


def test_a_release_on_a_tag_is_refused_before_anything_is_built() -> None:
    """`make image` with a registry and without a base ends with 1, and says which setting."""
    ended = CliRunner().invoke(
        app, ["image"], env={"IMAGE_REGISTRY": "registry.example.com/outreach", "PATH": "/nowhere"}
    )

    assert ended.exit_code == 1
    assert f"IMAGE_BASE={DEFAULT_BASE} does not say which image it means" in ended.output


def test_docker_is_not_asked_for_wheels_that_it_cannot_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder was mounted by buildah alone: docker's build failed in the middle, at pip."""
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nexit 0\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("IMAGE_WHEELS", "wheels")

    with pytest.raises(WheelsNeedBuildah, match="apt-get install buildah"):
        build(tmp_path, base=PINNED).build(IMAGES[0])


def test_the_file_has_no_base_of_its_own() -> None:
    """Nobody builds on a tag by leaving something out."""
    lines = (ROOT / "deploy/images/Dockerfile").read_text().splitlines()

    assert [line for line in lines if line.startswith(("FROM", "ARG BASE"))] == [
        "ARG BASE",
        "FROM ${BASE} AS build",
        "FROM ${BASE}",
        "ARG BASE",
        "ARG BASE_DIGEST",
    ]


def test_a_build_imports_what_it_made() -> None:
    """The build is told the package of each image, whose modules it then imports."""
    by_name = {image.name: image for image in IMAGES}
    names = {image.name: package_of(ROOT, image.part) for image in IMAGES}

    assert names["outreach"] == "outreach_client"
    assert names["linkedin-gateway"] == "linkedin_gateway"
    assert build(base=PINNED).arguments(by_name["outreach-worker-training"])["PACKAGE"] == (
        "outreach_worker automation.training.fit.__main__"
    )
    assert "python imports.py ${PACKAGE}" in (ROOT / "deploy/images/Dockerfile").read_text()
