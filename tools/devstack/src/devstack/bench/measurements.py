"""Figures read off a running stack: memory, requests, histories."""

from __future__ import annotations

import os
import platform
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from devstack.stack.loopback import loopback_client

_SAMPLE = re.compile(r"^(\w+)\{(.*)\} ([0-9.e+]+)$")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, kw_only=True)
class Requests:
    """Counters of a Temporal server since it started."""

    frontend: int
    polls: int
    persistence: int

    def __sub__(self, earlier: Requests) -> Requests:
        return Requests(
            frontend=self.frontend - earlier.frontend,
            polls=self.polls - earlier.polls,
            persistence=self.persistence - earlier.persistence,
        )


async def read_requests(metrics_url: str) -> Requests:
    """What the server has counted so far; long polls apart, for they measure idleness."""
    async with loopback_client(timeout=30) as http:
        text = (await http.get(metrics_url)).raise_for_status().text
    frontend = polls = persistence = 0.0
    for line in text.splitlines():
        sample = _SAMPLE.match(line)
        if sample is None:
            continue
        name, labels, value = sample[1], dict(_LABEL.findall(sample[2])), float(sample[3])
        if name == "persistence_requests":
            persistence += value
        elif name == "service_requests" and labels.get("service_name") == "frontend":
            if labels.get("operation", "").startswith("Poll"):
                polls += value
            else:
                frontend += value
    return Requests(frontend=int(frontend), polls=int(polls), persistence=int(persistence))


@dataclass(frozen=True, kw_only=True)
class History:
    """What one workflow's history holds."""

    events: int
    workflow_tasks: int
    activities: int
    timers: int
    signals: int


async def read_history(client: Client, workflow_id: str) -> History:
    """Count the events of a workflow."""
    counts: Counter[int] = Counter()
    async for event in client.get_workflow_handle(workflow_id).fetch_history_events():
        counts[event.event_type] += 1
    return History(
        events=counts.total(),
        workflow_tasks=counts[EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED],
        activities=counts[EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED],
        timers=counts[EventType.EVENT_TYPE_TIMER_STARTED],
        signals=counts[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED],
    )


def resident_mebibytes(pid: int) -> float:
    """The memory that a process holds."""
    return float(psutil.Process(pid).memory_info().rss) / 2**20


def peak_mebibytes(pid: int, *, begin: bool = False) -> float:
    """The most memory that a process has held, since it was asked to `begin` if it was."""
    if begin:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    status = Path(f"/proc/{pid}/status").read_text()
    (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kibibytes) / 1024


def processor_seconds(pid: int) -> float:
    """The processor time that a process and its children have used so far."""
    process = psutil.Process(pid)
    used = process.cpu_times()
    total = used.user + used.system + used.children_user + used.children_system
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += child.cpu_times().user + child.cpu_times().system
    return float(total)


def spread(values: Sequence[float]) -> dict[str, Any]:
    """The median, and between what the runs lay."""
    ordered = sorted(values)
    return {
        "median": round(median(ordered), 3),
        "lowest": round(ordered[0], 3),
        "highest": round(ordered[-1], 3),
        "runs": [round(value, 3) for value in values],
    }


def percentiles(taken: Sequence[float]) -> dict[str, float]:
    """The middle and the slow end of seconds, in milliseconds."""
    ordered = sorted(taken)
    return {
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[len(ordered) * 99 // 100] * 1000,
    }


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }
