"""What one object says of another is there: selectors, ports, names, keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linkedin_gateway.inbound.http import WEBHOOKS_PATH

from deployment.manifests.catalog import Catalog
from deployment.manifests.objects import Object, Rendering, Workload, matches, title


def findings(rendering: Rendering, catalog: Catalog) -> Iterator[str]:
    """What points at nothing."""
    for workload in rendering.workloads:
        for finding in _workload(rendering, workload, catalog):
            yield f"{workload.title}: {finding}"
    if not any(_denies_everything(policy) for policy in rendering.of("NetworkPolicy")):
        yield "no NetworkPolicy denies what no other allows, in and out"
    for kind, check in _KINDS.items():
        for each in rendering.of(kind):
            for finding in check(rendering, each):
                yield f"{title(each)}: {finding}"
    for policy in rendering.of("BackendTLSPolicy"):
        for finding in _backend_tls(rendering, catalog, policy):
            yield f"{title(policy)}: {finding}"


def _workload(rendering: Rendering, workload: Workload, catalog: Catalog) -> Iterator[str]:
    selector = workload.spec.get("selector")
    if selector is not None and not matches(selector, workload.labels):
        yield "its selector does not mean its own pods"
    account = workload.pod.get("serviceAccountName")
    if account and rendering.find("ServiceAccount", account) is None:
        yield f"there is no ServiceAccount {account}"
    for constraint in workload.pod.get("topologySpreadConstraints", []):
        if not matches(constraint["labelSelector"], workload.labels):
            yield "is spread by the labels of others"
    yield from _volumes(rendering, workload, catalog)
    for container in workload.containers:
        yield from _environment(rendering, container, catalog)


def _volumes(rendering: Rendering, workload: Workload, catalog: Catalog) -> Iterator[str]:
    for volume in workload.pod.get("volumes", []):
        if "secret" in volume:
            name = volume["secret"]["secretName"]
            if not volume["secret"].get("optional") and not catalog.secret(rendering, name):
                yield f"nobody makes the secret {name}"
            for item in volume["secret"].get("items", []):
                if item["key"] not in catalog.secret(rendering, name):
                    yield f"the secret {name} has no {item['key']}"
        if "configMap" in volume:
            name = volume["configMap"]["name"]
            if not catalog.config_map(rendering, name):
                yield f"nobody makes the ConfigMap {name}"


def _environment(
    rendering: Rendering, container: Mapping[str, Any], catalog: Catalog
) -> Iterator[str]:
    for source in container.get("envFrom", []):
        name = source.get("configMapRef", {}).get("name")
        if name and rendering.find("ConfigMap", name) is None:
            yield f"nobody makes the ConfigMap {name}"
    for variable in container.get("env", []):
        wanted = variable.get("valueFrom", {}).get("secretKeyRef")
        if wanted and wanted["key"] not in catalog.secret(rendering, wanted["name"]):
            yield f"{variable['name']}: the secret {wanted['name']} has no {wanted['key']}"
        if "value" in variable and "valueFrom" in variable:
            yield f"{variable['name']} has both a value and a source"


def _service(rendering: Rendering, service: Object) -> Iterator[str]:
    pods = rendering.selected({"matchLabels": service["spec"].get("selector", {})})
    if not pods:
        yield "means no pods"
    for port in service["spec"].get("ports", []):
        target = port.get("targetPort", port["port"])
        for workload in pods:
            ports = [each for box in workload.containers for each in box.get("ports", [])]
            if not any(target in (each.get("name"), each["containerPort"]) for each in ports):
                yield f"port {target} is not one of {workload.title}"


def _selecting(rendering: Rendering, each: Object) -> Iterator[str]:
    if not rendering.selected(each["spec"].get("selector", {})):
        yield "means no pods"


def _policy(rendering: Rendering, policy: Object) -> Iterator[str]:
    selector = policy["spec"].get("podSelector", {})
    ours = matches(selector, {"cnpg.io/cluster": "outreach-database"})
    if not rendering.selected(selector) and not ours and not rendering.alone:
        yield "means no pods"


def _denies_everything(policy: Object) -> bool:
    spec = policy["spec"]
    closed = not spec.get("ingress") and not spec.get("egress")
    both = set(spec.get("policyTypes", [])) == {"Ingress", "Egress"}
    return closed and both and not spec.get("podSelector")


def _scaled(rendering: Rendering, scaler: Object) -> Iterator[str]:
    target = scaler["spec"]["scaleTargetRef"]
    found = rendering.find(target.get("kind", "Deployment"), target["name"])
    if found is None:
        yield f"scales {target['name']}, which there is not"
    elif "replicas" in found["spec"]:
        yield f"{title(found)} says how many replicas there are, as does this"


def _monitor(rendering: Rendering, monitor: Object) -> Iterator[str]:
    pods = rendering.selected(monitor["spec"]["selector"])
    if not pods:
        yield "means no pods"
    for endpoint in monitor["spec"].get("podMetricsEndpoints", []):
        for workload in pods:
            ports = [each for box in workload.containers for each in box.get("ports", [])]
            if endpoint.get("port") not in {each.get("name") for each in ports}:
                yield f"{workload.title} has no port {endpoint.get('port')}"


def _backend(rendering: Rendering, name: str, port: Any) -> Iterator[str]:
    service = rendering.find("Service", name)
    if service is None:
        yield f"leads to the Service {name}, which there is not"
        return
    if not any(port in (each.get("name"), each["port"]) for each in service["spec"]["ports"]):
        yield f"leads to port {port}, which the Service {name} does not have"


def _ingress(rendering: Rendering, ingress: Object) -> Iterator[str]:
    for rule in ingress["spec"].get("rules", []):
        for path in rule["http"]["paths"]:
            service = path["backend"]["service"]
            port = service["port"].get("name", service["port"].get("number"))
            yield from _backend(rendering, service["name"], port)
            yield from _webhooks(service["name"], path.get("path", "/"))


def _route(rendering: Rendering, route: Object) -> Iterator[str]:
    for parent in route["spec"].get("parentRefs", []):
        gateway = rendering.find("Gateway", parent["name"])
        listeners = [] if gateway is None else gateway["spec"]["listeners"]
        if parent.get("sectionName") not in [None, *(each["name"] for each in listeners)]:
            yield f"there is no listener {parent['sectionName']} of {parent['name']}"
        hosts = {each.get("hostname") for each in listeners if _is_meant(parent, each)}
        for host in route["spec"].get("hostnames", []):
            if hosts and None not in hosts and host not in hosts:
                yield f"{parent['name']} does not listen for {host}"
    for rule in route["spec"].get("rules", []):
        paths = [each.get("path", {}).get("value", "/") for each in rule.get("matches", [])]
        for backend in rule.get("backendRefs", []):
            yield from _backend(rendering, backend["name"], backend.get("port"))
            for path in paths:
                yield from _webhooks(backend["name"], path)


def _by_tls(rendering: Rendering, route: Object) -> Iterator[str]:
    """A gateway speaks plain text to what it leads to unless a policy says otherwise."""
    yield from _route(rendering, route)
    for rule in route["spec"].get("rules", []):
        for backend in rule.get("backendRefs", []):
            service = rendering.find("Service", backend["name"])
            ports = [] if service is None else service["spec"]["ports"]
            for port in ports:
                if port["port"] != backend.get("port") or port.get("appProtocol") != "https":
                    continue
                if not any(_tells(rendering, backend["name"], port["name"])):
                    yield f"leads to {backend['name']} by plain text, which it does not speak"
                settings = rendering.config(_container(rendering, backend["name"]))
                asked = (
                    f"{backend['name'].replace('-', '_').upper()}_TLS_REQUIRE_CLIENT_CERTIFICATE"
                )
                if settings.get(asked) != "false":
                    yield f"a gateway shows no certificate, and {asked} is not false"


def _container(rendering: Rendering, name: str) -> Mapping[str, Any]:
    found = rendering.find("Deployment", name)
    return {} if found is None else Workload(found).containers[0]


def _tells(rendering: Rendering, service: str, port: str) -> Iterator[bool]:
    for policy in rendering.of("BackendTLSPolicy"):
        for target in policy["spec"]["targetRefs"]:
            of = (target["kind"], target["name"])
            yield of == ("Service", service) and target.get("sectionName") in (None, port)


def _backend_tls(rendering: Rendering, catalog: Catalog, policy: Object) -> Iterator[str]:
    for target in policy["spec"]["targetRefs"]:
        yield from _backend(rendering, target["name"], target.get("sectionName"))
    for reference in policy["spec"]["validation"].get("caCertificateRefs", []):
        if "ca.crt" not in catalog.config_map(rendering, reference["name"]):
            yield f"the ConfigMap {reference['name']} has no ca.crt"
    names = {
        name for each in rendering.of("Certificate") for name in each["spec"].get("dnsNames", [])
    }
    host = policy["spec"]["validation"].get("hostname")
    if names and host not in names:
        yield f"no certificate is for {host}"


def _is_meant(parent: Mapping[str, Any], listener: Mapping[str, Any]) -> bool:
    return parent.get("sectionName") in (None, listener["name"])


def _webhooks(service: str, path: str) -> Iterator[str]:
    """Of the gateway the outside reaches what Unipile calls, and all of that."""
    if service == "linkedin-gateway" and path.rstrip("/") != WEBHOOKS_PATH:
        yield f"leads {path} to linkedin-gateway, and not {WEBHOOKS_PATH}"


def _certificate(rendering: Rendering, certificate: Object) -> Iterator[str]:
    name, spec = certificate["metadata"]["name"], certificate["spec"]
    issuer = spec["issuerRef"]
    if issuer.get("kind", "Issuer") == "Issuer" and not rendering.find("Issuer", issuer["name"]):
        yield f"there is no Issuer {issuer['name']}"
    if name not in spec.get("dnsNames", []):
        yield f"is not for the name {name}, by which others call it"
    users = [
        workload
        for workload in rendering.workloads
        for volume in workload.pod.get("volumes", [])
        if volume.get("secret", {}).get("secretName") == spec["secretName"]
    ]
    if not users:
        yield f"nobody mounts its secret {spec['secretName']}"


def _trigger(rendering: Rendering, scaler: Object) -> Iterator[str]:
    yield from _scaled(rendering, scaler)
    for trigger in scaler["spec"].get("triggers", []):
        name = trigger.get("authenticationRef", {}).get("name")
        if name and rendering.find("TriggerAuthentication", name) is None:
            yield f"there is no TriggerAuthentication {name}"


def _cluster(rendering: Rendering, cluster: Object) -> Iterator[str]:
    """Where it is archived to and what it is restored from: a log has one writer, ever."""
    spec = cluster["spec"]
    writes = {*_archives(rendering, spec.get("plugins", []))}
    if not writes:
        yield "is archived nowhere"
    others = {each["name"]: each.get("plugin", {}) for each in spec.get("externalClusters", [])}
    source = spec.get("bootstrap", {}).get("recovery", {}).get("source")
    if source is not None:
        reads = {*_archives(rendering, [others[source]] if source in others else [])}
        if not reads:
            yield f"is restored from {source}, which is kept nowhere"
        if reads & writes:
            yield "archives to where it is restored from"


def _archives(
    rendering: Rendering, plugins: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, str | None]]:
    """The place of each that is there: a store, and a name in it."""
    for plugin in plugins:
        given = plugin.get("parameters", {})
        if rendering.find("ObjectStore", given.get("barmanObjectName", "")) is not None:
            yield given["barmanObjectName"], given.get("serverName")


def _backup(rendering: Rendering, backup: Object) -> Iterator[str]:
    spec = backup["spec"]
    cluster = rendering.find("Cluster", spec["cluster"]["name"])
    if cluster is None:
        yield f"backs up {spec['cluster']['name']}, which there is not"
        return
    plugin = spec.get("pluginConfiguration", {}).get("name")
    if plugin not in {each["name"] for each in cluster["spec"].get("plugins", [])}:
        yield f"is made by {plugin}, which {title(cluster)} does not have"


_KINDS = {
    "Cluster": _cluster,
    "ScheduledBackup": _backup,
    "Service": _service,
    "PodDisruptionBudget": _selecting,
    "NetworkPolicy": _policy,
    "HorizontalPodAutoscaler": _scaled,
    "ScaledObject": _trigger,
    "PodMonitor": _monitor,
    "Ingress": _ingress,
    "HTTPRoute": _by_tls,
    "GRPCRoute": _by_tls,
    "Certificate": _certificate,
}
