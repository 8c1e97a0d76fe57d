"""Make the mistakes of `mutants.yaml` in what was rendered."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from deployment.manifests.objects import Object, Rendering


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One mistake in one object."""

    name: str
    rendering: str
    at: str
    set: dict[str, Any] = field(default_factory=dict)
    append: dict[str, Any] = field(default_factory=dict)
    remove: str = ""
    delete: bool = False

    def made_in(self, rendering: Rendering) -> tuple[Rendering, list[Object]]:
        """The rendering with the mistake, and the objects that have it."""
        kind, name = self.at.split("/")
        objects = copy.deepcopy(list(rendering.objects))
        meant = [each for each in objects if each["kind"] == kind and _is(each, name)]
        assert len(meant) == 1, f"{self.name}: {len(meant)} objects are {self.at}"
        if self.delete:
            objects.remove(meant[0])
            meant = []
        for each in meant:
            self._change(each)
        return Rendering(rendering.name, objects), meant

    def _change(self, each: Object) -> None:
        for path, value in self.set.items():
            place, last = _place(each, path)
            place[last] = value
        for path, value in self.append.items():
            place, last = _place(each, path)
            place[last].append(value)
        if self.remove:
            place, last = _place(each, self.remove)
            del place[last]


def mutants() -> Iterator[Mutant]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for each in yaml.load((Path(__file__).parent / "mutants.yaml").read_text(), Loader=loader):
        yield Mutant(rendering=each.pop("in"), **each)


def _is(each: Object, name: str) -> bool:
    own = each["metadata"]["name"]
    return own.startswith(name[:-1]) if name.endswith("*") else own == name


def _place(value: Any, path: str) -> tuple[Any, Any]:
    *parts, last = [_key(part) for part in _parts(path)]
    for part in parts:
        value = _step(value, part)
    if isinstance(value, list):
        return value, _index(value, last)
    return value, last


def _parts(path: str) -> list[str]:
    """A dot parts names but for that in a label's domain, which is written `app.kubernetes~io`."""
    return path.replace("app.kubernetes~io", "app~kubernetes~io").split(".")


def _key(part: str) -> Any:
    name = part.replace("~", ".")
    return int(name) if name.isdigit() else name


def _step(value: Any, part: Any) -> Any:
    if isinstance(value, list):
        return value[_index(value, part)]
    if part not in value:
        value[part] = {}
    return value[part]


def _index(value: list[Any], part: Any) -> int:
    if isinstance(part, int):
        return part
    return next(n for n, item in enumerate(value) if f"[{item['name']}]" == part)
