"""What one rendering consists of, and how its parts are found."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
SERVICES = ("campaign-api", "outreach-worker", "linkedin-gateway", "webhook-dispatcher")
TRAINING = "outreach-worker-training"
PROGRAMS: Mapping[str, str] = {name: name for name in SERVICES} | {TRAINING: "outreach-worker"}
"""Deployments of ours, which have their images' names: which service's program each runs."""
_WITH_PODS = ("Deployment", "StatefulSet", "Job")


@dataclass(frozen=True)
class Workload:
    """What makes pods."""

    object: Object

    @property
    def kind(self) -> str:
        return str(self.object["kind"])

    @property
    def name(self) -> str:
        return str(self.object["metadata"]["name"])

    @property
    def title(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def spec(self) -> Mapping[str, Any]:
        spec: Mapping[str, Any] = self.object["spec"]
        return spec

    @property
    def labels(self) -> Mapping[str, str]:
        """Those of its pods."""
        return labels_of(self.spec["template"])

    @property
    def pod(self) -> Mapping[str, Any]:
        spec: Mapping[str, Any] = self.spec["template"]["spec"]
        return spec

    @property
    def containers(self) -> Sequence[Mapping[str, Any]]:
        containers: Sequence[Mapping[str, Any]] = self.pod["containers"]
        return containers

    def volume(self, name: str) -> Mapping[str, Any] | None:
        """One of the pod's, or of the claims that are made for it."""
        claims = self.spec.get("volumeClaimTemplates", [])
        named = [*self.pod.get("volumes", []), *(claim["metadata"] for claim in claims)]
        return next((volume for volume in named if volume["name"] == name), None)


class Rendering:
    """The objects of one overlay or combination."""

    def __init__(self, name: str, objects: Sequence[Object]) -> None:
        self.name = name
        self.objects = objects

    @functools.cached_property
    def workloads(self) -> list[Workload]:
        """Everything that makes pods."""
        return [Workload(each) for each in self.objects if each["kind"] in _WITH_PODS]

    @property
    def alone(self) -> bool:
        """Whether it is the base with one component, which needs no others to be right."""
        return self.name.endswith(" alone")

    @property
    def sandbox(self) -> bool:
        """Whether Unipile is a simulator here."""
        return self.find("Deployment", "unipile-simulator") is not None

    @property
    def namespace(self) -> str:
        """Where its objects are."""
        return str(self.objects[0]["metadata"].get("namespace", "outreach"))

    def of(self, kind: str) -> Iterator[Object]:
        """All objects of a kind."""
        return (each for each in self.objects if each["kind"] == kind)

    def find(self, kind: str, name: str) -> Object | None:
        """An object by its name."""
        return next((each for each in self.of(kind) if each["metadata"]["name"] == name), None)

    def selected(self, selector: Mapping[str, Any]) -> list[Workload]:
        """The workloads whose pods a selector means."""
        return [each for each in self.workloads if matches(selector, each.labels)]

    def config(self, container: Mapping[str, Any]) -> Mapping[str, str]:
        """What a container has from ConfigMaps as a whole."""
        given: dict[str, str] = {}
        for source in container.get("envFrom", []):
            found = self.find("ConfigMap", source.get("configMapRef", {}).get("name", ""))
            given |= (found or {}).get("data") or {}
        return given


def labels_of(template: Mapping[str, Any]) -> Mapping[str, str]:
    """The labels in some metadata."""
    return template.get("metadata", {}).get("labels") or {}


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector, as Kubernetes writes them, means these labels."""
    for name, value in (selector.get("matchLabels") or {}).items():
        if labels.get(name) != value:
            return False
    for each in selector.get("matchExpressions") or []:
        has, values = each["key"] in labels, each.get("values", [])
        holds = {
            "In": has and labels.get(each["key"]) in values,
            "NotIn": labels.get(each["key"]) not in values,
            "Exists": has,
            "DoesNotExist": not has,
        }
        if not holds[each["operator"]]:
            return False
    return True


def title(each: Object) -> str:
    """How an object is named in a finding."""
    return f"{each.get('kind')}/{each.get('metadata', {}).get('name')}"
