"""What goes into an image, and what it tells of itself."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from deployment.images.parts import IMAGES, Image, parts_of
from deployment.manifests.objects import SERVICES

ROOT = Path(__file__).parents[4]


def script(name: str) -> ModuleType:
    """One of the programs that run inside the build."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "deploy" / "images" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_only_what_is_needed(image: Image) -> None:
    """A package comes behind all that it needs, and one service never brings another."""
    parts = parts_of(ROOT, image.part)

    assert parts[-1] == image.part
    assert len(set(parts)) == len(parts)
    others = {f"services/{name}" for name in SERVICES} - {image.part}
    assert not others & set(parts)


def test_campaigns_are_where_they_are_run() -> None:
    """The campaign context is in the images of the two that import it, and in no other."""
    having = {image.name for image in IMAGES if "libs/campaigns" in parts_of(ROOT, image.part)}

    assert having == {"campaign-api", "outreach-worker", "outreach-worker-training"}


def test_what_fits_models_is_in_one_image() -> None:
    """Two hundred megabytes that no other has use for, by a lock of its own."""
    having = {image.name: image for image in IMAGES if image.extra}

    assert set(having) == {"outreach-worker-training"}
    (image,) = having.values()
    project = tomllib.loads((ROOT / image.part / "pyproject.toml").read_text())["project"]
    assert image.extra in project["optional-dependencies"]
    assert (ROOT / "deploy" / image.extra / "requirements.lock").exists()
    file = (ROOT / "deploy/images/Dockerfile").read_text()
    assert f"COPY deploy/{image.extra}/requirements.lock {image.extra}.lock" in file
    assert f"!deploy/{image.extra}/requirements.lock" in (ROOT / ".dockerignore").read_text()


def test_locks_do_not_contradict_each_other() -> None:
    """An image that is built by both has what each says."""
    main, training = (
        locked(ROOT / "requirements.lock"),
        locked(ROOT / "deploy/training/requirements.lock"),
    )

    assert training["scikit-learn"]
    assert {name: main[name] for name in main.keys() & training} == {
        name: training[name] for name in main.keys() & training
    }


def locked(path: Path) -> dict[str, set[str]]:
    """The versions of each package of a lock: it may have several, by the version of Python."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", path.read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def test_build_tools_come_from_the_lock() -> None:
    """What installs the rest is itself named with its hashes; a name that is not there is told."""
    requirements = script("requirements")
    lock = (ROOT / "requirements.lock").read_text()

    told = requirements.blocks(lock, {"uv", "uv-build"})

    assert told.count("==") == len({"uv", "uv-build"})
    assert "--hash=sha256:" in told
    with pytest.raises(KeyError):
        requirements.blocks(lock, {"nobody-has-this"})


def test_an_image_lists_its_parts(tmp_path: Path) -> None:
    """The list names each package once, with its version and what it says of its licence."""
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name, field in (("One", "License-Expression: MIT"), ("two", "License: Apache\n  2.0")):
        folder = site / f"{name}-1.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{field}\n"
        )

    script("inventory").write(tmp_path, "services/campaign-api")

    bom = json.loads((tmp_path / "sbom.cdx.json").read_text())
    assert [each["purl"] for each in bom["components"]] == ["pkg:pypi/one@1.0", "pkg:pypi/two@1.0"]
    assert (tmp_path / "licences.txt").read_text() == "one 1.0: MIT\ntwo 1.0: Apache\n"
