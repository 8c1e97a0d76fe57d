"""All questions to all renderings, in the order in which they make sense."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from jsonschema import Draft7Validator

from deployment.manifests import (
    connections,
    connectivity,
    identities,
    pods,
    references,
    rollout,
    rules,
    settings,
)
from deployment.manifests.catalog import Catalog
from deployment.manifests.objects import Object, Rendering
from deployment.manifests.schemas import Schemas

MATRICES = ("local", "staging", "production", "cloud", "self-hosted", "managed", "small")


class ToolsMissing(RuntimeError):
    """The tools of this lane are not installed: `make k8s-tools`."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Where the tools of this lane are, apart from what everything else needs."""

    environment: Path

    @property
    def packages(self) -> Path:
        """What is imported from it. Raises `ToolsMissing`."""
        for folder in self.environment.glob("lib/python*/site-packages"):
            if (folder / "kubernetes_validate").exists():
                return folder
        raise ToolsMissing

    @property
    def analyzer(self) -> Path:
        """The command of network-config-analyzer."""
        return self.environment / "bin" / "nca"

    def open(self) -> None:
        """Let its packages be imported, behind one's own."""
        if str(self.packages) not in sys.path:
            sys.path.append(str(self.packages))


class Checker:
    """Everything that is asked of a rendering."""

    def __init__(self, manifests: Path, lane: Lane, scratch: Path) -> None:
        lane.open()
        core = lane.packages / "kubernetes_validate" / "kubernetes-json-schema"
        self._schemas = Schemas(manifests / "schemas", core)
        self._catalog = Catalog.read(manifests / "secrets.yaml")
        self._manifests = manifests
        self._lane = lane
        self._scratch = scratch

    def schemas(self, renderings: Iterable[Rendering]) -> Iterator[str]:
        """Every object that there is, once: its schema, and the rules in it."""
        objects = distinct(each for rendering in renderings for each in rendering.objects)
        yield from self._schemas.findings(objects)
        yield from rules.findings(objects, self._schemas)

    def meaning(self, rendering: Rendering) -> Iterator[str]:
        """What the objects of a rendering say of each other and of the code."""
        yield from pods.findings(rendering)
        yield from references.findings(rendering, self._catalog)
        yield from settings.findings(rendering, self._catalog)
        yield from identities.findings(rendering, self._catalog)
        yield from rollout.findings(rendering)
        yield from connections.findings(rendering)

    def chart(self) -> Iterator[str]:
        """Values of Temporal's chart, which is not at hand, by a schema of those that are set."""
        folder = self._manifests.parent / "helm"
        values = yaml.safe_load((folder / "temporal.yaml").read_text())
        schema = json.loads((folder / "temporal.schema.json").read_text())
        for error in Draft7Validator(schema).iter_errors(values):
            yield f"helm/temporal.yaml: {error.json_path} {error.message}"

    def connectivity(self, rendering: Rendering) -> Iterator[str]:
        """Who reaches whom, where that is written down."""
        golden = self._manifests / "connectivity" / f"{rendering.name}.txt"
        if rendering.name in MATRICES:
            yield from connectivity.findings(
                rendering,
                analyzer=self._lane.analyzer,
                surroundings=self._manifests / "connectivity" / "surroundings.yaml",
                golden=golden,
                scratch=self._scratch,
            )

    def matrix(self, rendering: Rendering) -> Sequence[str]:
        """Who reaches whom, to be written down."""
        return connectivity.matrix(
            rendering,
            analyzer=self._lane.analyzer,
            surroundings=self._manifests / "connectivity" / "surroundings.yaml",
            scratch=self._scratch,
        )

    def all(self, renderings: Sequence[Rendering]) -> Iterator[str]:
        """Every finding, with the rendering that has it."""
        yield from self.schemas(renderings)
        yield from self.chart()
        for rendering in renderings:
            for finding in (*self.meaning(rendering), *self.connectivity(rendering)):
                yield f"{rendering.name}: {finding}"


def distinct(objects: Iterable[Object]) -> list[Object]:
    """Each object once, wherever it is rendered."""
    return [*{json.dumps(each, sort_keys=True, default=str): each for each in objects}.values()]
