"""What containers are told, read as the services themselves read it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from devstack.environment import environment_example
from identity.issuer.http import INTROSPECTION_PATH, JWKS_PATH
from servicekit.clock import SANDBOX_CLOCK, Clock
from servicekit.settings import environment

from deployment.manifests.catalog import Catalog
from deployment.manifests.environment import (
    FILES,
    WouldNotStart,
    asks_temporal,
    class_of,
    given,
    require_a_start,
    service_of,
    settings_of,
    volume_of,
)
from deployment.manifests.objects import (
    PROGRAMS,
    SERVICES,
    TRAINING,
    Object,
    Rendering,
    Workload,
    matches,
)

_NAME = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=", re.MULTILINE)
_CALLED = re.compile(r"(?:(dns|https?):/{2,3})?([a-z0-9.-]+):(\d+)(/.*)?")
_ADDRESS = re.compile(r"_ADDRESS$|_URL$|^UNIPILE_DSN$")
_SAFE = {
    "linkedin-gateway": ("WEBHOOK_PUBLIC_URL", "AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_SERVICE_KEYS"),
    "campaign-api": ("AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_SERVICE_KEYS", "AUTH_SIGNING_KEY_FILE"),
    "webhook-dispatcher": ("AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_SERVICE_KEYS"),
    "outreach-worker": ("AUTH_SIGNING_KEY_FILE",),
}
_TRAINING = "OUTREACH_WORKER_TRAINING"
_OF_ISSUER = (JWKS_PATH, INTROSPECTION_PATH)
_PLAIN_TEXT = (("StatefulSet", "postgres"), ("Deployment", "temporal"))
"""Parts of ours that speak no TLS."""
_INJECTS = {
    "linkerd": ("annotations", "linkerd.io/inject"),
    "istio": ("labels", "istio-injection"),
}
"""By what of a namespace a mesh that is known here gives its pods a proxy."""
_EVERYWHERE = ("TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "TLS_AUTHORITIES_FILE")


def findings(rendering: Rendering, catalog: Catalog) -> Iterator[str]:
    """Names that nobody reads, values that cannot be read, files that are not there."""
    known = _known()
    for config_map in rendering.of("ConfigMap"):
        if config_map["metadata"]["name"].startswith("outreach"):
            unread = sorted(set(config_map.get("data") or {}) - known)
            yield from (f"ConfigMap/outreach: nobody reads {name}" for name in unread)
    for workload in rendering.workloads:
        service = service_of(workload)
        if service is None:
            continue
        about = [*_names(workload, service), *_values(rendering, workload)]
        about += [*_files(rendering, workload, catalog), *_calls(rendering, workload)]
        if workload.name in PROGRAMS:
            about += [*_ports(rendering, workload), *_unsafe(rendering, workload, service)]
        yield from (f"{workload.title}: {finding}" for finding in about)
    yield from _trainings(rendering)


@functools.cache
def _known() -> frozenset[str]:
    """Every name that anything of ours reads."""
    return frozenset(_NAME.findall(environment_example()))


def _names(workload: Workload, service: str) -> Iterator[str]:
    known = {variable.name: variable for variable in environment(class_of(service))}
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


def _values(rendering: Rendering, workload: Workload) -> Iterator[str]:
    values = given(rendering, workload)
    try:
        Clock.from_env(values)
    except ValueError as error:
        yield str(error)
    if values.get(SANDBOX_CLOCK) and not rendering.sandbox:
        yield f"{SANDBOX_CLOCK} is for the sandbox"
    try:
        require_a_start(rendering, workload)
    except WouldNotStart as refused:
        yield from (f"would not start: {line}" for line in str(refused).splitlines())
        return
    read = settings_of(rendering, workload)
    if (
        read is not None
        and rendering.find("Job", "migrate-campaign")
        and workload.kind != "Job"
        and read.migrate_on_start
    ):
        yield "migrates when it starts, and a Job does"


def _files(rendering: Rendering, workload: Workload, catalog: Catalog) -> Iterator[str]:
    """What is named as a file lies in something that is mounted."""
    (container,) = workload.containers
    mounts = {mount["mountPath"] for mount in container.get("volumeMounts", [])}
    for name, value in given(rendering, workload).items():
        if not name.endswith(FILES) or not value.startswith("/"):
            continue
        if name.startswith("TEMPORAL_") and not asks_temporal(workload):
            continue
        key = value.rpartition("/")[2]
        volume = volume_of(workload, value)
        if volume is None:
            yield f"{name}: nothing is mounted at {value}"
        elif "secret" in volume and value not in mounts:
            secret = volume["secret"]
            items = {item["path"] for item in secret.get("items", [])}
            keys = items or catalog.secret(rendering, secret["secretName"])
            if keys and key not in keys:
                yield f"{name}: the secret {volume['secret']['secretName']} has no {key}"


def _calls(rendering: Rendering, workload: Workload) -> Iterator[str]:
    """Whoever is called here is a Service with that port; elsewhere, a policy leads there."""
    for name, value in given(rendering, workload).items():
        found = _CALLED.fullmatch(value) if _ADDRESS.search(name) else None
        if found is None or (name.startswith("TEMPORAL_") and not asks_temporal(workload)):
            continue
        scheme, host, port, path = found[1], found[2], int(found[3]), found[4]
        own, _, namespace = host.partition(".")
        if namespace.split(".")[0] not in {"", rendering.namespace}:
            if not _public(name) and not _leads(rendering, workload, namespace, port):
                yield f"{name}: no policy leads to {host}:{port}"
            continue
        service = rendering.find("Service", own)
        ports = [] if service is None else service["spec"]["ports"]
        meant = next((each for each in ports if each["port"] == port), None)
        if service is None:
            yield f"{name}: there is no Service {own}"
        elif meant is None:
            yield f"{name}: the Service {own} has no port {port}"
        elif scheme in {"http", "https"} and scheme != meant.get("appProtocol", scheme):
            yield f"{name}: port {port} of {own} speaks {meant['appProtocol']}"
        elif own == "campaign-api" and scheme in {"http", "https"} and path not in _OF_ISSUER:
            yield f"{name}: {own} answers nothing at {path}"


def _public(name: str) -> bool:
    """Whether it is an address that others use, or one that policies lead to by themselves."""
    return name.endswith(("_PUBLIC_URL", "DATABASE_URL")) or name == "UNIPILE_DSN"


def _leads(rendering: Rendering, workload: Workload, namespace: str, port: int) -> bool:
    """Whether the workload may go there: into a namespace, or, by a longer name, outside."""
    if rendering.alone:
        return True
    inside = "." not in namespace or namespace.split(".")[1] == "svc"
    labels = {"kubernetes.io/metadata.name": namespace.split(".", maxsplit=1)[0]}
    for policy in rendering.of("NetworkPolicy"):
        if not matches(policy["spec"].get("podSelector", {}), workload.labels):
            continue
        for rule in policy["spec"].get("egress", []):
            ports = {each.get("port") for each in rule.get("ports", [])}
            for peer in rule.get("to", []) if port in ports or not ports else []:
                selector = peer.get("namespaceSelector")
                if inside and selector is not None and matches(selector, labels):
                    return True
                if not inside and "ipBlock" in peer:
                    return True
    return False


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


def _unsafe(rendering: Rendering, workload: Workload, service: str) -> Iterator[str]:
    if rendering.sandbox or rendering.alone:
        return
    values = given(rendering, workload)
    prefix = service.replace("-", "_").upper()
    needed = (*_SAFE[workload.name], *_EVERYWHERE) if workload.name in SERVICES else ()
    for name in needed:
        value = values.get(f"{prefix}_{name}", "")
        if not value or ".invalid" in value:
            yield f"{prefix}_{name} is not given"
    by_mesh = f"{prefix}_TLS_BY_MESH"
    for kind, name in _PLAIN_TEXT:
        if rendering.find(kind, name) and not values.get(by_mesh):
            yield f"{kind}/{name} speaks plain text, and {by_mesh} names no mesh (components/mesh)"
    mesh = values.get(by_mesh, "")
    if mesh in _INJECTS and not any(_is_injected(each, mesh) for each in rendering.of("Namespace")):
        yield f"{by_mesh} names {mesh}, which nothing has put into pods (components/mesh/{mesh})"


def _trainings(rendering: Rendering) -> Iterator[str]:
    """Who learns models is asked to, and has what fits them; and nobody else says so."""
    learns = {
        workload.name: read.training.value
        for workload in rendering.workloads
        if workload.kind == "Deployment" and service_of(workload) == "outreach-worker"
        if (read := settings_of(rendering, workload)) is not None
    }
    for name, where in learns.items():
        if name == TRAINING and where != "here":
            yield f"Deployment/{name}: works on leads, and only fits models ({_TRAINING})"
        if name != TRAINING and where == "here":
            yield f"Deployment/{name}: fits models, and has nothing to fit them with ({_TRAINING})"
        if name != TRAINING and (where == "elsewhere") != (TRAINING in learns):
            yield f"Deployment/{name}: {_TRAINING} is {where}, and {TRAINING} " + (
                "waits to be asked" if TRAINING in learns else "is not there"
            )


def _is_injected(namespace: Object, mesh: str) -> bool:
    kind, name = _INJECTS[mesh]
    return (namespace["metadata"].get(kind) or {}).get(name) == "enabled"
