"""Layers one and two: strict schemas of Kubernetes' own kinds, and of what operators add."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from deployment.manifests.objects import Object, title

VERSIONS = ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35")


class Schemas:
    """Every schema that is known; each is read once."""

    def __init__(self, own: Path, core: Path) -> None:
        self._own = own
        self._core = core

    def findings(self, objects: Iterable[Object]) -> Iterator[str]:
        """What is not as its schema says, in any of the versions; an unknown kind is a finding."""
        for each in objects:
            for version in VERSIONS:
                validator = self._validator(each["apiVersion"], each["kind"], version)
                if validator is None:
                    yield f"{title(each)}: no schema of {each['apiVersion']} {each['kind']}"
                    break
                wrong = [
                    f"{error.json_path} {error.message}" for error in validator.iter_errors(each)
                ]
                if wrong:
                    yield f"{title(each)}: {wrong[0][:300]} (Kubernetes {version})"
                    break

    def custom(self, api_version: str, kind: str) -> Any | None:
        """The schema of what an operator adds, with its rules."""
        group, _, version = api_version.rpartition("/")
        path = self._own / f"{group}-{kind.lower()}-{version}.json"
        return json.loads(path.read_text()) if path.exists() else None

    @functools.cache  # noqa: B019 - one of these lives as long as the command
    def _validator(self, api_version: str, kind: str, version: str) -> Draft7Validator | None:
        if "." in api_version and not api_version.split("/", maxsplit=1)[0].endswith(".k8s.io"):
            schema = self.custom(api_version, kind)
            return None if schema is None else Draft7Validator(schema)
        if (schema := self.custom(api_version, kind)) is not None:
            return Draft7Validator(schema)
        folder = self._core / f"v{version}.0-local-strict"
        group, _, number = api_version.rpartition("/")
        parts = [kind.lower(), *([group.split(".")[0]] if group else []), number]
        path = folder / f"{'-'.join(parts)}.json"
        if not path.exists():
            return None
        schema = json.loads(path.read_text())
        return Draft7Validator(schema, registry=self._definitions(version))

    @functools.cache  # noqa: B019 - likewise
    def _definitions(self, version: str) -> Registry[Any]:
        text = (self._core / f"v{version}.0-local-strict" / "_definitions.json").read_text()
        resource = DRAFT7.create_resource(json.loads(text))
        registry: Registry[Any] = Registry()
        known: Registry[Any] = registry.with_resource("_definitions.json", resource)
        return known
