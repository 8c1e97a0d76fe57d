"""How the audit itself is doing."""

from prometheus_client import CollectorRegistry, Counter, Gauge
from servicekit.telemetry import metrics

from identity.audit.chain import Proof


class Metrics:
    """Of one service's audit."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.waiting = Gauge(
            "audit_records_waiting",
            "Records that wait to be written outside of the transaction of a change.",
            registry=registry,
        )
        self.lost = Counter(
            "audit_records_lost_total",
            "Records that could not be written and are in the log alone.",
            registry=registry,
        )
        self.left_out = Counter(
            "audit_refusals_left_out_total",
            "Refusals of callers who were not known that are counted in a record of many.",
            registry=registry,
        )
        self.sealed = Counter(
            "audit_records_sealed_total",
            "Records taken up into the chain by this process, by what their proof came to.",
            ["proof"],
            registry=registry,
        )
        metrics.begin(self.sealed, Proof)
        self.seal_lag = Gauge(
            "audit_seal_lag_seconds",
            "How long ago this process saw everything sealed, real time: no record waits longer.",
            registry=registry,
        )
        self.cut = Counter(
            "audit_chain_cut_total",
            "How often the last seal or checkpoint that this process had seen was gone or changed.",
            registry=registry,
        )
