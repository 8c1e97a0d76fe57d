"""servicekit.telemetry.sampling, and traces of their own."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler
from servicekit.telemetry import traces
from servicekit.telemetry.sampling import KeepFailures, RecordAll


def provider(sampler: Sampler) -> tuple[TracerProvider, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    made = TracerProvider(sampler=RecordAll(sampler), shutdown_on_exit=False)
    made.add_span_processor(KeepFailures(exporter))
    return made, exporter


def test_what_fails_is_kept_of_a_trace_that_is_not() -> None:
    """Nothing is sampled: the span that failed arrives, with its trace; the others do not."""
    made, exporter = provider(ParentBased(ALWAYS_OFF))
    tracer = made.get_tracer("test")

    with tracer.start_as_current_span("fine") as outer, tracer.start_as_current_span("bad") as bad:
        bad.set_attribute("rpc.system", "grpc")
        bad.set_status(trace.StatusCode.ERROR, "UNAVAILABLE")
    made.force_flush()

    (kept,) = exporter.get_finished_spans()
    assert kept.name == "bad"
    assert kept.attributes == {"rpc.system": "grpc"}
    assert kept.context.trace_id == outer.get_span_context().trace_id
    assert kept.parent is not None


def test_all_of_a_sampled_trace_is_kept_once() -> None:
    """Whether it failed or not."""
    made, exporter = provider(ALWAYS_ON)
    tracer = made.get_tracer("test")

    with tracer.start_as_current_span("fine"), tracer.start_as_current_span("bad") as bad:
        bad.set_status(trace.StatusCode.ERROR)
    made.force_flush()

    assert [span.name for span in exporter.get_finished_spans()] == ["bad", "fine"]


def test_a_trace_that_is_not_sampled_tells_others_so() -> None:
    """Who is called decides as the caller did, whatever is recorded here."""
    made, _ = provider(ALWAYS_OFF)

    with made.get_tracer("test").start_as_current_span("fine"):
        headers = traces.traced_headers()

    assert not int(headers["traceparent"].rpartition("-")[2], 16) & trace.TraceFlags.SAMPLED


def test_a_trace_of_its_own_is_linked_to_who_began_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has another id, no parent, and names the span in which it was begun."""
    made, exporter = provider(ALWAYS_ON)
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: made)
    monkeypatch.setattr("opentelemetry.trace.get_tracer", made.get_tracer)

    with made.get_tracer("test").start_as_current_span("campaign") as campaign:
        with traces.own_trace("BeginLead"):
            pass
        after = trace.get_current_span()
    made.force_flush()

    lead = exporter.get_finished_spans()[0]
    assert lead.parent is None
    assert lead.context.trace_id != campaign.get_span_context().trace_id
    assert [link.context.span_id for link in lead.links] == [campaign.get_span_context().span_id]
    assert after is campaign


@pytest.mark.parametrize("sampler", ["parentbased_traceidratio", "always_off", ""])
def test_samplers_have_opentelemetrys_names(sampler: str) -> None:
    """What the SDK's documentation says is understood."""
    environ = {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": "0.1"}

    assert traces._sampler(environ).get_description()


def test_a_sampler_that_does_not_exist_is_refused() -> None:
    """A mistake to hear about, not to be sampled by."""
    with pytest.raises(ValueError, match="dice"):
        traces._sampler({"OTEL_TRACES_SAMPLER": "dice"})
