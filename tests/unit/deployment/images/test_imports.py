"""An image has whatever the code in it imports, at its start or later; nothing is built for it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from deployment.images.parts import IMAGES, Image, parts_of
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[4]
MODULE_RUN = re.compile(r"python, -m, ([\w.]+)|python -m ([\w.]+)")


@cache
def sources() -> Mapping[str, Path]:
    """Every module of ours, by its dotted name."""
    found = {}
    for folder in ROOT.glob("*/*/src"):
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def part_of(module: str) -> str:
    """The folder of ours that a module lies in, as images name it."""
    return "/".join(sources()[module].relative_to(ROOT).parts[:2])


class Imports(ast.NodeVisitor):
    """What a module imports, in functions too; not what only a type checker reads."""

    def __init__(self, module: str) -> None:
        self.found: set[str] = set()
        self.visit(ast.parse(sources()[module].read_text()))

    def visit_If(self, node: ast.If) -> None:
        checking = ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
        for each in node.orelse if checking else [*node.body, *node.orelse]:
            self.visit(each)

    def visit_Import(self, node: ast.Import) -> None:
        self.found |= {alias.name for alias in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert node.level == 0, "imports of ours are absolute"
        self.found |= {f"{node.module}.{alias.name}" for alias in node.names}


@cache
def imports_of(module: str) -> frozenset[str]:
    return frozenset(Imports(module).found)


def above(name: str) -> Iterator[str]:
    """A dotted name and what it lies in, the nearest first."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def begun(image: Image) -> set[str]:
    """What is run in an image: its own package, and what manifests run from it."""
    own = {module for module in sources() if part_of(module) == image.part} | {*image.programs}
    for path in (ROOT / "deploy" / "k8s").rglob("*.yaml"):
        for container in re.split(r"\n\s*image: ", path.read_text())[1:]:
            if f"outreach/{image.name}:" in container.partition("\n")[0]:
                own |= {one or other for one, other in MODULE_RUN.findall(container)}
    return own


def reached(image: Image) -> tuple[set[str], set[str]]:
    """Our modules that are loaded sooner or later, and the names of others that they import."""
    ours, others, ahead = set[str](), set[str](), [*begun(image)]
    while ahead:
        module = ahead.pop()
        for each in above(module):
            if each in sources() and each not in ours:
                ours.add(each)
                for name in imports_of(each):
                    if name.partition(".")[0] in TOP_LEVEL:
                        ahead.append(next(n for n in above(name) if n in sources()))
                    elif name.partition(".")[0] not in sys.stdlib_module_names:
                        others.add(name)
    return ours, others


LANE = set(
    re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "deploy/training/requirements.lock").read_text(), re.MULTILINE
    )
)
"""What one image has beside the others, and no environment that tests run in."""
NAMED_OTHERWISE = {"sklearn": "scikit-learn"}
TOP_LEVEL = {module for module in sources() if "." not in module} | {"outreach"}


def installed(image: Image) -> set[str]:
    """The packages of others that its build installs: what ours need, and what these need."""
    ahead = list[tuple[str, frozenset[str]]]()
    ours = {}
    for path in ROOT.glob("*/*/pyproject.toml"):
        project = tomllib.loads(path.read_text())["project"]
        ours[canonicalize_name(project["name"])] = project
        if "/".join(path.parent.relative_to(ROOT).parts) == image.part:
            extras = frozenset([image.extra] if image.extra else [])
            ahead.append((canonicalize_name(project["name"]), extras))
    seen = set[tuple[str, frozenset[str]]]()
    while ahead:
        name, extras = each = ahead.pop()
        if each in seen:
            continue
        seen.add(each)
        if name in ours:
            told = [*ours[name].get("dependencies", ())]
            for extra in extras:
                told += ours[name]["optional-dependencies"][extra]
        elif name in LANE:
            told = []
        else:
            told = distribution(name).requires or []
        for requirement in map(Requirement, told):
            wanted = [{"extra": extra} for extra in extras or [""]]
            if requirement.marker is None or any(map(requirement.marker.evaluate, wanted)):
                ahead.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    more = LANE if image.extra else set[str]()
    return ({name for name, _ in seen} | more) - set(ours)


@cache
def distributions_by_name() -> Mapping[str, list[str]]:
    return packages_distributions()


@cache
def files_of(package: str) -> frozenset[str]:
    return frozenset(str(file) for file in distribution(package).files or ())


@cache
def owners(name: str) -> frozenset[str]:
    """The packages of others that a name may be imported from."""
    top = name.partition(".")[0]
    having = {canonicalize_name(each) for each in distributions_by_name().get(top, ())}
    if top in NAMED_OTHERWISE or top in LANE:
        return frozenset({NAMED_OTHERWISE.get(top, top)})
    if len(having) < 2:
        return frozenset(having)
    for part in above(name):
        path = part.replace(".", "/")
        found = {each for each in having if {f"{path}.py", f"{path}/__init__.py"} & files_of(each)}
        if found:
            return frozenset(found)
    return frozenset(having)


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_nothing_is_imported_that_is_not_there(image: Image) -> None:
    """Of ours and of others: an image that lacks a package that its code imports was built once."""
    ours, others = reached(image)

    parts, packages = set(parts_of(ROOT, image.part)), installed(image)
    assert {module for module in ours if part_of(module) not in parts} == set()
    assert {name for name in others if not owners(name) & packages} == set()


@pytest.mark.lasts(seconds=5)
def test_a_package_that_is_left_out_is_named() -> None:
    """The gateway without what it has Temporal from: the fault that was built."""
    gateway = next(image for image in IMAGES if image.name == "linkedin-gateway")
    _, others = reached(gateway)

    assert "temporalio" in installed(gateway)
    lacking = installed(gateway) - {"temporalio"}
    assert {name.partition(".")[0] for name in others if not owners(name) & lacking} == {
        "temporalio"
    }
