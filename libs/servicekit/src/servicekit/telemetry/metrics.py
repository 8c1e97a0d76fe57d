"""What a service's own registry is made of. No metric lives in a module."""

import platform
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Info,
    PlatformCollector,
    ProcessCollector,
)

FAST: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds; what one process does by itself, or asks of its database."""

RPC: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
)
"""Seconds; one call of one service by another, or of an HTTP API."""

WAIT: Final = (1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 43200.0, 86400.0, 259200.0, 604800.0)
"""Seconds; a second to a week: waiting for one's turn, lag behind a due time."""

SIZE: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
"""How many of a thing there were at once."""


def new_registry(service: str, *, version: str = "") -> CollectorRegistry:
    """A registry that already shows the process, the garbage collector and the build."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    Info("service_build", "What is running.", registry=registry).info(
        {"service": service, "version": version, "python": platform.python_version()}
    )
    return registry
