"""Who shows what to whom: each its own keys, certificates that serve, scalers that are let in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from deployment.manifests.catalog import Catalog
from deployment.manifests.environment import settings_of
from deployment.manifests.objects import PROGRAMS, SERVICES, Object, Rendering, Workload, title

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_BOTH_WAYS = {"server auth", "client auth"}


def findings(rendering: Rendering, catalog: Catalog) -> Iterator[str]:
    """What would be shown that nobody believes, or that is another's."""
    for workload in rendering.workloads:
        about = [*_own(workload), *_needless(rendering, workload)]
        yield from (f"{workload.title}: {finding}" for finding in about)
    for certificate in rendering.of("Certificate"):
        yield from (f"{title(certificate)}: {finding}" for finding in _serves(certificate))
    for authentication in rendering.of("TriggerAuthentication"):
        for each in authentication["spec"].get("secretTargetRef", []):
            if each["key"] not in catalog.secret(rendering, each["name"]):
                yield f"{title(authentication)}: the secret {each['name']} has no {each['key']}"
    for store in rendering.of("ObjectStore"):
        for wanted in store["spec"]["configuration"].get("s3Credentials", {}).values():
            if wanted["key"] not in catalog.secret(rendering, wanted["name"]):
                yield f"{title(store)}: the secret {wanted['name']} has no {wanted['key']}"
    for scaler in rendering.of("ScaledObject"):
        yield from (f"{title(scaler)}: {finding}" for finding in _let_in(rendering, scaler))


def _own(workload: Workload) -> Iterator[str]:
    """A secret that is called by a service's name is that service's."""
    image = str(workload.containers[0]["image"]).rpartition("/")[2].partition(":")[0]
    runs = PROGRAMS.get(image)
    for name in _secrets(workload):
        whose = [service for service in SERVICES if name.startswith(f"{service}-")]
        if runs is not None and whose not in ([], [runs]):
            yield f"has {name}, which is {whose[0]}'s"


def _needless(rendering: Rendering, workload: Workload) -> Iterator[str]:
    """By what a process could act as a service is not given to one that calls none."""
    read = settings_of(rendering, workload)
    if read is None or read.meets_services:
        return
    for name in _secrets(workload):
        if name.endswith(("-key", "-tls")) and not name.endswith("-outside-tls"):
            yield f"has {name}, and meets no service"


def _secrets(workload: Workload) -> Iterator[str]:
    for volume in workload.pod.get("volumes", []):
        if "secret" in volume:
            yield volume["secret"]["secretName"]
    for container in workload.containers:
        for variable in container.get("env", []):
            wanted = variable.get("valueFrom", {}).get("secretKeyRef")
            if wanted:
                yield wanted["name"]


def _serves(certificate: Object) -> Iterator[str]:
    spec = certificate["spec"]
    if certificate["metadata"]["name"] in SERVICES and not {*spec.get("usages", [])} >= _BOTH_WAYS:
        yield "is shown to who calls and to who is called (usages)"
    lasts, before = _duration(spec.get("duration")), _duration(spec.get("renewBefore"))
    if lasts and before and before >= lasts:
        yield f"is renewed {before} before its end, and lasts {lasts}"


def _duration(text: str | None) -> timedelta | None:
    found = _DURATION.fullmatch(text or "")
    if not found or not text:
        return None
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _let_in(rendering: Rendering, scaler: Object) -> Iterator[str]:
    """KEDA speaks TLS to Temporal where it has a key of the API, or a certificate with its key."""
    told = _told(rendering)
    for trigger in scaler["spec"].get("triggers", []):
        if trigger["type"] != "temporal":
            continue
        shown = _shown(rendering, trigger)
        encrypts = "apiKey" in shown or {"cert", "key"} <= shown
        if told.get("TEMPORAL_TLS") != "true":
            # By itself a component does not say which Temporal there is.
            if shown and not rendering.alone:
                yield "speaks TLS to a Temporal that does not"
        elif not encrypts:
            yield "speaks plain text to Temporal (apiKey, or cert and key)"
        elif "TEMPORAL_TLS_SERVER_CA_CERT_PATH" in told and "ca" not in shown:
            yield "does not believe Temporal's authority (ca)"


def _told(rendering: Rendering) -> Mapping[str, str]:
    """What every service reads."""
    for each in rendering.of("ConfigMap"):
        if each["metadata"]["name"].startswith("outreach"):
            told: Mapping[str, str] = each.get("data") or {}
            return told
    return {}


def _shown(rendering: Rendering, trigger: Mapping[str, Any]) -> set[str]:
    name = trigger.get("authenticationRef", {}).get("name", "")
    found = rendering.find("TriggerAuthentication", name)
    if found is None:
        return set()
    return {each["parameter"] for each in found["spec"].get("secretTargetRef", [])}
