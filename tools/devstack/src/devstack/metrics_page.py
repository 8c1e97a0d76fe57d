"""The tables of `docs/metrics.md`, from the metrics themselves; `make metrics-page`."""

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from identity.audit.metrics import Metrics as AuditMetrics
from prometheus_client import CollectorRegistry
from servicekit.credentials.plain_text import plain_text_gauge
from servicekit.credentials.tls import CertificateStatus
from servicekit.grpc.caller_limits import CallerLimits, limited
from servicekit.grpc.layers import measured
from servicekit.grpc.limit_table import LimitTable
from servicekit.health import Readiness
from servicekit.sealing.composition import UnreadableValues
from servicekit.startup.pool_metrics import tell_pools
from servicekit.telemetry.loop_lag import LoopLag
from servicekit.telemetry.loops import tell_loops

SERVICES = ("campaign-api", "outreach-worker", "linkedin-gateway", "webhook-dispatcher")
BEGIN = "<!-- written by `make metrics-page` from here -->\n"
END = "<!-- to here -->\n"


@dataclass(frozen=True, kw_only=True)
class Family:
    """One metric, as it is scraped."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str


def own(service: str) -> tuple[Family, ...]:
    """What one service counts and no other."""
    return tuple(_families(own_registry(service)))


def common() -> tuple[Family, ...]:
    """What every service with servers counts; outreach-worker, which serves none, the lag alone."""
    return tuple(_families(common_registry()))


def own_registry(service: str) -> CollectorRegistry:
    """What one service counts and no other, as it begins."""
    registry = CollectorRegistry()
    package = service.replace("-", "_")
    importlib.import_module(f"{package}.metrics").Metrics(registry)
    return registry


def common_registry() -> CollectorRegistry:
    """What every service with servers counts, as it begins."""
    registry = CollectorRegistry()
    AuditMetrics(registry)
    measured(registry)
    CertificateStatus(registry, Readiness())
    plain_text_gauge(registry)
    limited(CallerLimits(LimitTable), registry)
    LoopLag(registry)
    tell_pools(registry)
    UnreadableValues(registry)
    tell_loops(registry)
    return registry


def tables() -> str:
    """The tables, as Markdown."""
    sections = [("Every service", common()), *((service, own(service)) for service in SERVICES)]
    return "\n".join(_table(title, families) for title, families in sections)


def renewed(page: str) -> str:
    """The page with its tables as they are now."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{tables()}\n{END}{tail}"


def _families(registry: CollectorRegistry) -> Iterator[Family]:
    collectors: dict[Any, object] = dict.fromkeys(registry._collector_to_names)  # noqa: SLF001 - what has no sample yet is not collected
    for collector in collectors:
        for metric in collector.describe():
            labels = tuple(getattr(collector, "_labelnames", getattr(metric, "_labelnames", ())))
            name = f"{metric.name}_total" if metric.type == "counter" else metric.name
            kind = "distribution" if metric.type == "gaugehistogram" else metric.type
            yield Family(name=name, kind=kind, labels=labels, help=metric.documentation)


def _table(title: str, families: tuple[Family, ...]) -> str:
    rows = [
        f"| `{each.name}` | {each.kind} | {', '.join(each.labels)} | {each.help} |"
        for each in sorted(families, key=lambda family: family.name)
    ]
    head = ["| metric | kind | labels | what |", "| --- | --- | --- | --- |"]
    return "\n".join([f"### {title}", "", *head, *rows, ""])


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text()))
