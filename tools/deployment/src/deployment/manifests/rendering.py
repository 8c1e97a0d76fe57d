"""Have kustomize render every overlay, every component by itself, and the named combinations."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from deployment.manifests.objects import Rendering
from deployment.site import stand_ins

_ALONE = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: outreach
resources: [../../base]
components: {components}
"""


class KubectlMissing(RuntimeError):
    """`kubectl` is needed: 1.28 or later, from kubernetes.io or Debian 13 (trixie)."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class NotRendered(RuntimeError):
    """Kustomize refused."""


def renderings(manifests: Path, scratch: Path, *, only: Collection[str] = ()) -> list[Rendering]:
    """All that is checked, or those of some names.

    Raises `KubectlMissing`, and `NotRendered` with what kustomize said.
    """
    copy = scratch / "k8s"
    shutil.copytree(manifests, copy / "k8s" / "k8s")
    shutil.copytree(manifests.parent / "observability", copy / "k8s" / "observability")
    root = copy / "k8s" / "k8s"
    for example in root.glob("overlays/*/site.env.example"):
        example.with_name("site.env").write_text(stand_ins(example.read_text()))
    folders = {name: folder for name, folder in _folders(root) if not only or name in only}
    with ThreadPoolExecutor(2) as several:
        texts = several.map(render, folders.values())
        return [read(name, text) for name, text in zip(folders, texts, strict=True)]


def render(folder: Path) -> str:
    """What `kubectl kustomize` writes.

    Raises `KubectlMissing`, and `NotRendered` with what it said.
    """
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise KubectlMissing
    made = subprocess.run(  # noqa: S603 - the arguments are ours
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    if made.returncode:
        raise NotRendered(f"{folder.name}: {made.stderr.strip()}")
    return made.stdout


def read(name: str, text: str) -> Rendering:
    """The objects of what was rendered."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Rendering(name, [each for each in yaml.load_all(text, Loader=loader) if each])


def _folders(root: Path) -> Iterator[tuple[str, Path]]:
    for folder in sorted((root / "overlays").iterdir()):
        yield folder.name, folder
    for folder in sorted((root / "combinations").iterdir()):
        if folder.name != "example":
            yield folder.name, folder
    example = root / "combinations" / "example"
    for component in sorted((root / "components").rglob("kustomization.yaml")):
        name = str(component.parent.relative_to(root / "components"))
        folder = root / "alone" / name.replace("/", "-")
        folder.mkdir(parents=True)
        parts = [example, component.parent] if name != "site" else [example]
        relative = [str(Path("../..") / part.relative_to(root)) for part in parts]
        (folder / "kustomization.yaml").write_text(_ALONE.format(components=relative))
        yield f"{name} alone", folder
