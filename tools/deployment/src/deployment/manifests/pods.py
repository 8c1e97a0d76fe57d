"""What pods may, need and are asked: Pod Security Standards, resources, probes, volumes, names."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from servicekit.health import ANSWERS_WITHIN
from servicekit.http_server import OPERATIONS_PATHS

from deployment.manifests.objects import PROGRAMS, Rendering, Workload, title

_QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_UNITS = {
    "": 1.0,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
_VOLUMES = {"configMap", "csi", "emptyDir", "persistentVolumeClaim", "projected", "secret", "name"}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_OWN_USER = 10001
_DEFAULT_MODE, _OTHERS = 0o644, 0o007
"""What Kubernetes gives a secret's files, and the bits of whoever is neither owner nor group."""
_LONGEST_PORT_NAME = 15
_STARTS_WITHIN = 60
"""Seconds that a service is given to load and to reach what it needs on a busy node."""


def findings(rendering: Rendering) -> Iterator[str]:
    """What is wrong with the pods of a rendering, and with names."""
    for each in rendering.objects:
        name = each["metadata"]["name"]
        if not all(_NAME.fullmatch(part) for part in name.split(".")):
            yield f"{title(each)}: a name has small letters, digits and hyphens only"
    for workload in rendering.workloads:
        about = [*_pod(workload)]
        for container in workload.containers:
            about += [*_security(workload, container), *_resources(container)]
            about += [*_ports(container), *_mounts(workload, container), *_image(container)]
            about += [*_command(container)]
            if workload.kind != "Job":
                about += [*_probes(workload, container), *_start(workload, container)]
                about += [*_waits(workload, container)]
        yield from (f"{workload.title}: {finding}" for finding in about)
    if not rendering.alone:
        yield from _one_release(rendering)


def quantity(text: str) -> float | None:
    """The number that a quantity stands for; None where it is none."""
    found = _QUANTITY.fullmatch(str(text))
    return (
        None
        if found is None
        else float(str(text).removesuffix(found[2] or "")) * _UNITS[found[2] or ""]
    )


def _pod(workload: Workload) -> Iterator[str]:
    pod, security = workload.pod, workload.pod.get("securityContext", {})
    if pod.get("automountServiceAccountToken") is not False:
        yield "its pods have a token for the cluster (automountServiceAccountToken)"
    if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
        yield "runs as root (runAsNonRoot, runAsUser)"
    if workload.name in PROGRAMS and security.get("runAsUser") != _OWN_USER:
        yield f"the image's user is {_OWN_USER} (runAsUser)"
    if security.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield "has no seccompProfile"
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            yield f"shares the node's own ({name})"
    for volume in pod.get("volumes", []):
        secret = volume.get("secret")
        if secret is not None and secret.get("defaultMode", _DEFAULT_MODE) & _OTHERS:
            yield f"every process of a pod reads the secret in {volume['name']} (defaultMode)"
        if not set(volume) <= _VOLUMES:
            yield f"volume {volume['name']} is of a kind that restricted pods may not have"


def _security(workload: Workload, container: Mapping[str, Any]) -> Iterator[str]:
    security = container.get("securityContext", {})
    if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
        yield f"{container['name']} may gain privileges (allowPrivilegeEscalation)"
    if security.get("readOnlyRootFilesystem") is not True:
        yield f"{container['name']} writes to its root file system (readOnlyRootFilesystem)"
    capabilities = security.get("capabilities", {})
    if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
        yield f"{container['name']} has capabilities"
    if workload.name in PROGRAMS and security.get("runAsUser", _OWN_USER) != _OWN_USER:
        yield f"the image's user is {_OWN_USER} (runAsUser)"


def _resources(container: Mapping[str, Any]) -> Iterator[str]:
    resources = container.get("resources", {})
    requests, limits = resources.get("requests", {}), resources.get("limits", {})
    for name in ("cpu", "memory"):
        if name not in requests:
            yield f"{container['name']} requests no {name}"
    if "memory" not in limits:
        yield f"{container['name']} has no memory limit"
    for name, value in [*requests.items(), *limits.items()]:
        if quantity(value) is None:
            yield f"{container['name']}: {value} is no quantity of {name}"
    for name in requests.keys() & limits.keys():
        if (quantity(requests[name]) or 0) > (quantity(limits[name]) or 0):
            yield f"{container['name']} requests more {name} than its limit"


def _ports(container: Mapping[str, Any]) -> Iterator[str]:
    names = [port.get("name", "") for port in container.get("ports", [])]
    for name in names:
        if len(name) > _LONGEST_PORT_NAME or not _NAME.fullmatch(name):
            yield f"{name} is no name of a port: at most 15 small letters, digits and hyphens"
    if len(set(names)) < len(names):
        yield f"{container['name']} has two ports of a name"


def _probes(workload: Workload, container: Mapping[str, Any]) -> Iterator[str]:
    ports = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
    for name in ("livenessProbe", "readinessProbe"):
        if name not in container:
            yield f"{container['name']} has no {name}"
    for name in _PROBES:
        probe = container.get(name, {})
        handlers = [kind for kind in _HANDLERS if kind in probe]
        if probe and len(handlers) != 1:
            yield f"{name} has {len(handlers)} handlers, not one"
        if name != "readinessProbe" and probe.get("successThreshold", 1) != 1:
            yield f"{name} must succeed once only"
        for handler in handlers:
            port = probe[handler].get("port") if handler != "exec" else None
            if port is not None and port not in ports and port not in ports.values():
                yield f"{name} asks at port {port}, which {container['name']} does not have"
        if workload.name in PROGRAMS and "httpGet" in probe:
            path = probe["httpGet"].get("path")
            expected = "/readyz" if name == "readinessProbe" else "/livez"
            if path not in OPERATIONS_PATHS or path != expected:
                yield f"{name} asks for {path}, not {expected}"


def _waits(workload: Workload, container: Mapping[str, Any]) -> Iterator[str]:
    probe = container.get("readinessProbe", {})
    waits, longest = probe.get("timeoutSeconds", 1), ANSWERS_WITHIN.total_seconds()
    if workload.name in PROGRAMS and probe and waits <= longest:
        yield f"readinessProbe waits {waits} s for what may take {longest:g} s (timeoutSeconds)"


def _start(workload: Workload, container: Mapping[str, Any]) -> Iterator[str]:
    probe = container.get("startupProbe", {})
    tried = probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
    if workload.name in PROGRAMS and probe and tried < _STARTS_WITHIN:
        yield f"is killed after {tried} s if it has not started (startupProbe)"


def _mounts(workload: Workload, container: Mapping[str, Any]) -> Iterator[str]:
    for mount in container.get("volumeMounts", []):
        if workload.volume(mount["name"]) is None:
            yield f"{container['name']} mounts {mount['name']}, a volume that there is not"
    if "/tmp" not in {mount["mountPath"] for mount in container.get("volumeMounts", [])}:  # noqa: S108 - the container's own
        yield f"{container['name']} can write nowhere (/tmp)"


def _image(container: Mapping[str, Any]) -> Iterator[str]:
    path, _, tag = container["image"].rpartition("/")[2].partition(":")
    if not tag or tag == "latest":
        yield f"{container['image']} names no version"
    if container["name"] in PROGRAMS and path != container["name"]:
        yield f"{container['name']} runs the image {path}"


def _one_release(rendering: Rendering) -> Iterator[str]:
    """A component that comes behind `site` keeps names of images that nobody has."""
    releases: dict[str, list[str]] = {}
    for workload in rendering.workloads:
        for container in workload.containers:
            registry, _, image = container["image"].rpartition("/")
            name, _, tag = image.partition(":")
            if name in PROGRAMS:
                releases.setdefault(f"{registry}/…:{tag}", []).append(workload.title)
    if len(releases) > 1:
        told = "; ".join(f"{each} in {', '.join(of)}" for each, of in releases.items())
        yield f"images of ours are of several registries or versions: {told}"


def _command(container: Mapping[str, Any]) -> Iterator[str]:
    command: Sequence[str] = container.get("command", ())
    python, _, module = (*command, "", "", "")[:3]
    if python == "python" and not _runs(module):
        yield f"runs {module}, which is no command"


def _runs(module: str) -> bool:
    """A package is run by what it has for that."""
    found = importlib.util.find_spec(module)
    if found is not None and found.submodule_search_locations is not None:
        found = importlib.util.find_spec(f"{module}.__main__")
    return found is not None
