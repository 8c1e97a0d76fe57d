"""That what runs can be replaced: drains, budgets, replicas, strategies, Jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from campaigns.workflow.contracts import TASK_QUEUE
from servicekit.settings.drain import ENDS_WITHIN, ends_within, is_cut_off

from deployment.manifests.environment import settings_of
from deployment.manifests.objects import PROGRAMS, SERVICES, Rendering, Workload, title

_AT_LEAST = 2
"""Replicas: one is none while it is replaced."""
_PROGRESS = 600
"""Seconds that Kubernetes waits for progress of a roll where nothing is said."""


def findings(rendering: Rendering) -> Iterator[str]:
    """What would lose work, or could not be replaced."""
    for workload in rendering.workloads:
        if workload.kind == "Job":
            about = [*_job(workload)]
        elif workload.kind == "Deployment":
            about = [*_strategy(workload)]
            if workload.name in SERVICES:
                about += [*_replicas(rendering, workload)]
            if workload.name in PROGRAMS:
                about += [*_drain(rendering, workload), *_patience(rendering, workload)]
        else:
            about = []
        yield from (f"{workload.title}: {finding}" for finding in about)
    for budget in rendering.of("PodDisruptionBudget"):
        spec = budget["spec"]
        if spec.get("maxUnavailable") in (0, "0", "0%") or spec.get("minAvailable") == "100%":
            yield f"{title(budget)}: no node can ever be drained"
        if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"{title(budget)}: a pod that is not ready keeps its node from being drained"
    yield from _scalers(rendering)


def _job(workload: Workload) -> Iterator[str]:
    if "ttlSecondsAfterFinished" not in workload.spec:
        yield "stays for ever after it has ended (ttlSecondsAfterFinished)"
    if "activeDeadlineSeconds" not in workload.spec:
        yield "may try for ever (activeDeadlineSeconds)"
    if workload.pod.get("restartPolicy") not in {"OnFailure", "Never"}:
        yield "a Job restarts on failure, or never"


def _strategy(workload: Workload) -> Iterator[str]:
    if workload.pod.get("restartPolicy", "Always") != "Always":
        yield "pods of a Deployment are always restarted"
    roll = workload.spec.get("strategy", {}).get("rollingUpdate", {})
    if roll.get("maxSurge") in (0, "0%") and roll.get("maxUnavailable") in (0, "0%"):
        yield "a roll cannot go on: neither one more nor one less is allowed"


def _replicas(rendering: Rendering, workload: Workload) -> Iterator[str]:
    scaled = [
        each["spec"]["scaleTargetRef"]["name"]
        for kind in ("HorizontalPodAutoscaler", "ScaledObject")
        for each in rendering.of(kind)
    ]
    if (
        workload.name not in scaled
        and workload.spec.get("replicas", 1) < _AT_LEAST
        and not rendering.sandbox
    ):
        yield "has one replica: nothing runs while it is replaced"
    if workload.spec.get("strategy", {}).get("rollingUpdate", {}).get("maxUnavailable") != 0:
        yield "a roll takes one away before another is there (maxUnavailable)"


def _patience(rendering: Rendering, workload: Workload) -> Iterator[str]:
    """Who waits for a schema is not given up before the Job that makes it."""
    jobs = [each.spec for each in rendering.workloads if each.kind == "Job"]
    longest = max((each.get("activeDeadlineSeconds", 0) for each in jobs), default=0)
    if workload.spec.get("progressDeadlineSeconds", _PROGRESS) <= longest:
        yield f"is given up while a Job may still take {longest} s (progressDeadlineSeconds)"


def _drain(rendering: Rendering, workload: Workload) -> Iterator[str]:
    """`preStop` and the drain fit into the grace, and the longest call into the drain."""
    (container,) = workload.containers
    hook = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    given = settings_of(rendering, workload)
    if given is None:
        return
    needed = ends_within(given.shutdown_grace, told_after=timedelta(seconds=hook))
    grace = timedelta(seconds=workload.pod.get("terminationGracePeriodSeconds", 30))
    if grace < needed:
        yield (
            f"is killed after {grace.seconds} s, and ends within {needed.seconds} s: {hook} s of "
            f"preStop, {given.shutdown_grace.seconds} s of drain, {ENDS_WITHIN.seconds} s to end"
        )
    if any(port["name"] == "grpc" for port in container.get("ports", [])) and not hook:
        yield "is called by gRPC and ends before its callers know (preStop)"
    longest = _longest_call(rendering, workload, given.longest_call)
    if is_cut_off(longest, given.shutdown_grace):
        yield f"a call lasts up to {longest.seconds} s, its drain {given.shutdown_grace.seconds} s"


def _longest_call(rendering: Rendering, workload: Workload, own: timedelta) -> timedelta:
    """What may be under way when a process is told to end: the worker waits for the gateway's."""
    gateway = rendering.find("Deployment", "linkedin-gateway")
    if workload.name != "outreach-worker" or gateway is None:
        return own
    given = settings_of(rendering, Workload(gateway))
    return own if given is None else max(own, given.longest_call)


def _asked(rendering: Rendering) -> Iterator[str]:
    """KEDA's operator looks names up in its own namespace."""
    for scaler in rendering.of("ScaledObject"):
        for trigger in scaler["spec"].get("triggers", []):
            host = str(trigger.get("metadata", {}).get("endpoint", "")).partition(":")[0]
            if trigger["type"] == "temporal" and "." not in host and not rendering.alone:
                yield f"{title(scaler)}: {host} is asked for in the namespace of KEDA, not of this"


def _scalers(rendering: Rendering) -> Iterator[str]:
    yield from _asked(rendering)
    for scaler in rendering.of("ScaledObject"):
        if scaler["spec"].get("minReplicaCount", 0) < 1:
            yield f"{title(scaler)}: scales to nothing, and nothing polls"
        for trigger in scaler["spec"].get("triggers", []):
            metadata: Mapping[str, Any] = trigger.get("metadata", {})
            if trigger["type"] == "temporal" and metadata.get("taskQueue") != TASK_QUEUE:
                yield f"{title(scaler)}: nobody polls the queue {metadata.get('taskQueue')}"
    for scaler in rendering.of("HorizontalPodAutoscaler"):
        if scaler["spec"].get("minReplicas", 1) < _AT_LEAST:
            yield f"{title(scaler)}: one replica is none while it is replaced"
    for kind in ("HorizontalPodAutoscaler", "ScaledObject"):
        for scaler in rendering.of(kind):
            spec = scaler["spec"]
            least = spec.get("minReplicas", spec.get("minReplicaCount", 1))
            if least > spec.get("maxReplicas", spec.get("maxReplicaCount", 100)):
                yield f"{title(scaler)}: at least {least} replicas are more than at the most"
