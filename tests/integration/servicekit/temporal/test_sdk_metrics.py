"""servicekit.temporal.sdk_metrics on a client of a real server."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from servicekit.clock import Clock
from servicekit.temporal import connection as temporal
from servicekit.temporal.plugin import new_plugin
from servicekit.temporal.sdk_metrics import SdkMetrics
from temporalio.service import RPCError


async def test_sdk_metrics_are_read_with_conventional_names(temporal_server: Any) -> None:
    """The SDK's metrics come in Prometheus' form, counted in seconds and with `_total`."""
    sdk_metrics = SdkMetrics(tags={"service": "test"})
    client = await temporal.connect(
        new_plugin(Clock.real_time()),
        environ=temporal_server.environ,
        sdk_metrics=sdk_metrics,
    )
    with pytest.raises(RPCError):
        await client.get_workflow_handle("no such workflow").describe()

    text = (await sdk_metrics.read()).decode()

    samples = {
        sample.name: sample.labels
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["temporal_request_total"]["service"] == "test"
    buckets = {
        sample.labels["le"]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "temporal_request_latency_seconds_bucket"
    }
    assert "0.025" in buckets
