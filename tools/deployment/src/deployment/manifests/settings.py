"""What containers are told, read as the services themselves read it."""

from __future__ import annotations

import functools
import importlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from devstack.environment import environment_example
from pydantic import ValidationError
from servicekit.clock import SANDBOX_CLOCK, Clock
from servicekit.settings import environment

from deployment.manifests.catalog import Catalog
from deployment.manifests.objects import SERVICES, Rendering, Workload

_NAME = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=", re.MULTILINE)
_CALLED = re.compile(r"(?:dns:///|https?://)?([a-z0-9.-]+):(\d+)(?:/.*)?")
_ADDRESS = re.compile(r"_ADDRESS$|_URL$|^UNIPILE_DSN$")
_SAFE = {
    "linkedin-gateway": ("WEBHOOK_PUBLIC_URL", "AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_SERVICE_KEYS"),
    "campaign-api": ("AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_SERVICE_KEYS", "AUTH_SIGNING_KEY_FILE"),
    "webhook-dispatcher": ("AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_SERVICE_KEYS"),
    "outreach-worker": ("AUTH_SIGNING_KEY_FILE",),
}
_ASK_TEMPORAL = ("campaign-api", "outreach-worker", "webhook-dispatcher", "search-attributes")
_EVERYWHERE = ("TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "TLS_AUTHORITIES_FILE")


def findings(rendering: Rendering, catalog: Catalog) -> Iterator[str]:
    """Names that nobody reads, values that cannot be read, files that are not there."""
    known = _known()
    for config_map in rendering.of("ConfigMap"):
        if config_map["metadata"]["name"].startswith("outreach"):
            unread = sorted(set(config_map.get("data") or {}) - known)
            yield from (f"ConfigMap/outreach: nobody reads {name}" for name in unread)
    for workload in rendering.workloads:
        service = _service_of(workload)
        if service is None:
            continue
        about = [*_names(workload, service), *_values(rendering, workload, service)]
        about += [*_files(rendering, workload, catalog), *_calls(rendering, workload)]
        if workload.name in SERVICES:
            about += [*_ports(rendering, workload), *_unsafe(rendering, workload)]
        yield from (f"{workload.title}: {finding}" for finding in about)


@functools.cache
def _known() -> frozenset[str]:
    """Every name that anything of ours reads."""
    return frozenset(_NAME.findall(environment_example()))


def settings_of(rendering: Rendering, workload: Workload) -> Any | None:
    """The settings that a service would have; None where it would not start."""
    service = _service_of(workload)
    if service is None:
        return None
    try:
        return _read(service, given(rendering, workload))
    except ValidationError:
        return None


def given(rendering: Rendering, workload: Workload) -> dict[str, str]:
    """Every variable of a container; what secrets hold is stood in for."""
    (container,) = workload.containers
    values = dict(rendering.config(container))
    for variable in container.get("env", []):
        name = variable["name"]
        values[name] = variable["value"] if "value" in variable else _stand_in(name)
    return values


def _stand_in(name: str) -> str:
    if name.endswith("DATABASE_URL"):
        return "postgresql://role@database/outreach"
    return "api1.example.com:13111" if name == "UNIPILE_DSN" else "x" * 44


def _service_of(workload: Workload) -> str | None:
    path = str(workload.containers[0]["image"]).rpartition("/")[2]
    name = path.partition(":")[0]
    # What makes the roles runs from a service's image and reads none of its settings.
    is_service = name in SERVICES and workload.containers[0].get("envFrom")
    return name if is_service else None


def _read(service: str, values: Mapping[str, str]) -> Any:
    with _environment(values):
        return _class(service).model_validate({})


def _class(service: str) -> Any:
    return importlib.import_module(f"{service.replace('-', '_')}.settings").Settings


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _names(workload: Workload, service: str) -> Iterator[str]:
    known = {variable.name: variable for variable in environment(_class(service))}
    (container,) = workload.containers
    names = [variable["name"] for variable in container.get("env", [])]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield f"{name} is given twice"
        if name not in known and not name.startswith(("TEMPORAL_", "OTEL_")):
            yield f"{service} does not read {name}"
    for variable in container.get("env", []):
        setting = known.get(variable["name"])
        if setting is not None and setting.secret and "value" in variable:
            yield f"{variable['name']} is a secret, and stands here for everybody to read"


def _values(rendering: Rendering, workload: Workload, service: str) -> Iterator[str]:
    values = given(rendering, workload)
    try:
        Clock.from_env(values)
    except ValueError as error:
        yield str(error)
    if values.get(SANDBOX_CLOCK) and not rendering.sandbox:
        yield f"{SANDBOX_CLOCK} is for the sandbox"
    try:
        read = _read(service, values)
    except ValidationError as error:
        for each in error.errors():
            yield f"{service}: {'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg']}"
        return
    if (
        rendering.find("Job", "migrate-campaign")
        and workload.kind != "Job"
        and read.migrate_on_start
    ):
        yield "migrates when it starts, and a Job does"


def _files(rendering: Rendering, workload: Workload, catalog: Catalog) -> Iterator[str]:
    """What is named as a file lies in something that is mounted."""
    (container,) = workload.containers
    mounts = {mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts", [])}
    for name, value in given(rendering, workload).items():
        if not name.endswith(("_FILE", "_KEYS", "_PATH")) or not value.startswith("/"):
            continue
        if name.startswith("TEMPORAL_") and workload.name not in _ASK_TEMPORAL:
            continue
        folder, _, key = value.rpartition("/")
        volume = workload.volume(mounts.get(value, mounts.get(folder, "")))
        if volume is None:
            yield f"{name}: nothing is mounted at {value}"
        elif "secret" in volume and value not in mounts:
            secret = volume["secret"]
            items = {item["path"] for item in secret.get("items", [])}
            keys = items or catalog.secret(rendering, secret["secretName"])
            if keys and key not in keys:
                yield f"{name}: the secret {volume['secret']['secretName']} has no {key}"


def _calls(rendering: Rendering, workload: Workload) -> Iterator[str]:
    """Whoever is called in this namespace is a Service with that port."""
    for name, value in given(rendering, workload).items():
        found = _CALLED.fullmatch(value) if _ADDRESS.search(name) else None
        if found is None or "." in found[1]:
            continue
        service = rendering.find("Service", found[1])
        if service is None:
            yield f"{name}: there is no Service {found[1]}"
        elif int(found[2]) not in {port["port"] for port in service["spec"]["ports"]}:
            yield f"{name}: the Service {found[1]} has no port {found[2]}"


def _ports(rendering: Rendering, workload: Workload) -> Iterator[str]:
    read = settings_of(rendering, workload)
    if read is None:
        return
    (container,) = workload.containers
    names = {"grpc": "grpc_port", "http": "http_port", "webhooks": "webhook_port"}
    for port in container.get("ports", []):
        field = (names | {"public": "public_port"}).get(port["name"], "")
        if getattr(read, field, None) != port["containerPort"]:
            yield f"does not listen on port {port['containerPort']} ({port['name']})"


def _unsafe(rendering: Rendering, workload: Workload) -> Iterator[str]:
    if rendering.sandbox or rendering.alone:
        return
    values = given(rendering, workload)
    prefix = workload.name.replace("-", "_").upper()
    for name in (*_SAFE[workload.name], *_EVERYWHERE):
        value = values.get(f"{prefix}_{name}", "")
        if not value or ".invalid" in value:
            yield f"{prefix}_{name} is not given"
