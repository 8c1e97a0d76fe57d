"""servicekit.telemetry.exposition."""

from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as classic_families
from servicekit.telemetry import metrics
from servicekit.telemetry.exposition import expose

SDK = b"""\
# HELP temporal_request_total Calls.
# TYPE temporal_request_total counter
temporal_request_total{operation="Poll"} 3
"""
PROMETHEUS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


def observed() -> CollectorRegistry:
    """A call that took half a second, within a trace."""
    registry = metrics.new_registry("test")
    seconds = Histogram("call_seconds", "Calls.", buckets=(0.1, 1.0), registry=registry)
    with TracerProvider().get_tracer("test").start_as_current_span("call"):
        seconds.observe(0.5, exemplar=metrics.exemplar())
    return registry


def test_openmetrics_has_the_trace_of_a_call() -> None:
    """Prometheus asks for OpenMetrics: a bucket names a trace, and the SDK's are there."""
    page = expose(observed(), [SDK], accept=PROMETHEUS)

    samples = [
        sample
        for family in text_string_to_metric_families(page.body.decode())
        for sample in family.samples
    ]
    (traced,) = (sample.exemplar for sample in samples if sample.exemplar)
    assert len(traced.labels["trace_id"]) == 32
    assert ("temporal_request_total", 3) in {(sample.name, sample.value) for sample in samples}
    assert page.content_type.startswith("application/openmetrics-text")


def test_who_asks_for_nothing_gets_the_classic_text() -> None:
    """Without exemplars, which it does not know, and with the SDK's as they come."""
    page = expose(observed(), [SDK], accept="*/*")

    names = {family.name for family in classic_families(page.body.decode())}
    assert {"call_seconds", "temporal_request"} <= names
    assert page.content_type.startswith("text/plain")


def test_outside_of_a_trace_there_is_no_exemplar() -> None:
    """Nothing is said of a trace that does not exist."""
    assert metrics.exemplar() is None
