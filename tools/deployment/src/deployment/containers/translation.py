"""From what kustomize renders to what `podman play kube` plays."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping, Sequence
from typing import Any

from deployment.manifests.objects import Rendering, Workload

_NOT_PLAYED = ("ports", "startupProbe", "livenessProbe", "readinessProbe", "lifecycle")
"""Ports would be published on this machine, the probes be made by programs inside the images."""


class Addresses:
    """An address of the network for every workload, and by the names of Services."""

    def __init__(self, rendering: Rendering, network: str) -> None:
        self._of = {
            workload.name: f"{network}.{number}"
            for number, workload in enumerate(rendering.workloads, start=10)
        }
        self._services = {
            service["metadata"]["name"]: self._of[found[0].name]
            for service in rendering.of("Service")
            if (found := rendering.selected({"matchLabels": service["spec"]["selector"]}))
        }

    def of(self, workload: str) -> str:
        """Where a workload's one pod is."""
        return self._of[workload]

    @property
    def aliases(self) -> list[Mapping[str, Any]]:
        """Every Service, as a pod's hosts file has it."""
        return [{"ip": ip, "hostnames": [name]} for name, ip in self._services.items()]


def pod_of(workload: Workload, addresses: Addresses, images: Mapping[str, str]) -> dict[str, Any]:
    """The one pod that stands for a workload, its security and limits as they are."""
    spec = copy.deepcopy(dict(workload.pod))
    for name in ("topologySpreadConstraints", "serviceAccountName", "enableServiceLinks"):
        spec.pop(name, None)
    spec["restartPolicy"] = "OnFailure" if workload.kind == "Job" else "Always"
    spec["hostAliases"] = addresses.aliases
    for container in spec["containers"]:
        container["image"] = images.get(container["image"], container["image"])
        for name in _NOT_PLAYED:
            container.pop(name, None)
    claims = workload.spec.get("volumeClaimTemplates", [])
    spec.setdefault("volumes", [])
    _leave_out_optional(spec)
    for volume in spec["volumes"]:
        if secret := volume.pop("secret", None):
            volume["configMap"] = {"name": secret["secretName"]}
    spec["volumes"] += [{"name": claim["metadata"]["name"], "emptyDir": {}} for claim in claims]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": workload.name, "labels": dict(workload.labels)},
        "spec": spec,
    }


def _leave_out_optional(spec: dict[str, Any]) -> None:
    """What may be missing is missing here: podman wants every volume that is named."""
    left_out = {each["name"] for each in spec["volumes"] if each.get("secret", {}).get("optional")}
    spec["volumes"] = [each for each in spec["volumes"] if each["name"] not in left_out]
    for container in spec["containers"]:
        mounts = container.get("volumeMounts", [])
        container["volumeMounts"] = [each for each in mounts if each["name"] not in left_out]


def config_maps_of(rendering: Rendering) -> Sequence[Mapping[str, Any]]:
    """The ConfigMaps of a rendering, and its secrets as such.

    Podman mounts ConfigMaps alone; secrets it has for the environment.
    """
    return [*rendering.of("ConfigMap"), *map(_opened, rendering.of("Secret"))]


def _opened(secret: Mapping[str, Any]) -> Mapping[str, Any]:
    values = {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": secret["metadata"]["name"]},
        "data": values,
    }
