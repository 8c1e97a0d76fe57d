"""servicekit.telemetry.metrics."""

from prometheus_client import CollectorRegistry, Counter, generate_latest
from servicekit.telemetry import metrics


def test_registries_are_separate() -> None:
    """Two services in one process, as in tests, do not share metrics."""
    first, second = metrics.new_registry("a"), metrics.new_registry("b")

    Counter("things_total", "Things.", registry=first).inc()
    Counter("things_total", "Things.", registry=second)

    assert first.get_sample_value("things_total") == 1
    assert second.get_sample_value("things_total") == 0


def test_buckets_only_grow() -> None:
    """Prometheus wants each bucket above the one before."""
    for buckets in (metrics.FAST, metrics.RPC, metrics.WAIT, metrics.SIZE):
        assert list(buckets) == sorted(set(buckets))


def test_a_distribution_is_set_as_a_whole() -> None:
    """Buckets count what is at most their bound; what is not told again is gone."""
    registry = CollectorRegistry()
    spread = metrics.Distribution(
        "used_ratio", "Used.", ["kind"], buckets=metrics.SHARE, registry=registry
    )
    spread.set({("old",): [0.1]})

    spread.set({("new",): [0.0, 0.5, 0.95, 1.0, 1.2]})

    def at_most(bound: str) -> float | None:
        return registry.get_sample_value("used_ratio_bucket", {"kind": "new", "le": bound})

    assert [at_most(bound) for bound in ("0.0", "0.5", "0.99", "+Inf")] == [1, 2, 3, 5]
    assert registry.get_sample_value("used_ratio_gcount", {"kind": "new"}) == 5
    assert registry.get_sample_value("used_ratio_gcount", {"kind": "old"}) is None


def test_what_can_be_counted_begins_at_nought() -> None:
    """An increase from nothing is none: the first time must be one."""
    registry = CollectorRegistry()
    counter = Counter("things_total", "Things.", ["kind", "state"], registry=registry)

    metrics.begin(counter, ("a", "b"), ("x",))

    assert registry.get_sample_value("things_total", {"kind": "b", "state": "x"}) == 0


def test_nothing_tells_when_it_was_created() -> None:
    """A service's page has no series that only say when others began."""
    registry = metrics.new_registry("a")
    Counter("things_total", "Things.", registry=registry).inc()

    assert b"_created" not in generate_latest(registry)
