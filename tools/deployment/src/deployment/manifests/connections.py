"""That all processes together open no more connections than PostgreSQL gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from deployment.manifests.environment import settings_of
from deployment.manifests.objects import PROGRAMS, Rendering, Workload

_RESERVED = 13
"""For superusers, migrations of four schemas, and people who look."""
_LIMIT = re.compile(r"max_connections=(\d+)")


def findings(rendering: Rendering) -> Iterator[str]:
    """A PostgreSQL of the rendering that gives fewer than its services may open."""
    given = limit(rendering)
    if given is None:
        return
    needed = most(rendering) + _RESERVED
    if needed > given:
        yield f"PostgreSQL gives {given} connections, and up to {needed} are opened during a roll"


def limit(rendering: Rendering) -> int | None:
    """What PostgreSQL gives where it is part of the rendering."""
    for cluster in rendering.of("Cluster"):
        parameters: dict[str, Any] = cluster["spec"].get("postgresql", {}).get("parameters", {})
        return int(parameters.get("max_connections", 100))
    postgres = rendering.find("StatefulSet", "postgres")
    if postgres is None:
        return None
    (container,) = Workload(postgres).containers
    found = _LIMIT.search(" ".join(container.get("args", [])))
    return int(found[1]) if found else 100


def most(rendering: Rendering) -> int:
    """What all replicas open at most, and one of each service more while they are replaced."""
    total = 0
    for workload in rendering.workloads:
        if workload.kind != "Deployment" or workload.name not in PROGRAMS:
            continue
        given = settings_of(rendering, workload)
        if given is not None:
            total += (_replicas(rendering, workload) + 1) * given.most_connections
    return total


def _replicas(rendering: Rendering, workload: Workload) -> int:
    """As many as there may be."""
    for kind, at_most in (
        ("HorizontalPodAutoscaler", "maxReplicas"),
        ("ScaledObject", "maxReplicaCount"),
    ):
        for scaler in rendering.of(kind):
            if scaler["spec"]["scaleTargetRef"]["name"] == workload.name:
                return int(scaler["spec"].get(at_most, 1))
    return int(workload.spec.get("replicas", 1))
