"""Metrics as they are read: in the classic text, or with exemplars for who asks for OpenMetrics."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.parser import text_string_to_metric_families

_OPENMETRICS = "application/openmetrics-text"


@dataclass(frozen=True, kw_only=True)
class Exposition:
    """A page of metrics."""

    body: bytes
    content_type: str


def expose(registry: CollectorRegistry, more: Sequence[bytes], *, accept: str) -> Exposition:
    """The registry's metrics, and `more` in the classic text, in the form that is accepted."""
    if _OPENMETRICS not in accept:
        body = b"".join([generate_latest(registry), *more])
        return Exposition(body=body, content_type=CONTENT_TYPE_LATEST)
    together = _Together([*registry.collect(), *_families(more)])
    # Asked for a collector of metrics, it collects and nothing else.
    body = openmetrics.generate_latest(together)  # type: ignore[no-untyped-call] # the library's
    return Exposition(body=body, content_type=openmetrics.CONTENT_TYPE_LATEST)


class _Together(CollectorRegistry):
    """Families that were collected already, as a registry shows them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        super().__init__()
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def _families(texts: Sequence[bytes]) -> Iterator[Metric]:
    for text in texts:
        yield from text_string_to_metric_families(text.decode())
