"""deployment.manifests.connections: the sum of what services open, against what there is."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from deployment.manifests import connections
from deployment.manifests.objects import PROGRAMS, SERVICES, TRAINING, Rendering
from pydantic import SecretStr

ROOT = Path(__file__).parents[4]
DOCS = ROOT / "docs/deploying.md"
CONNECTIONS = int(
    re.findall(
        r'_DATABASE_CONNECTIONS\n +value: "(\d+)"',
        (ROOT / "deploy/k8s/components/training/training.yaml").read_text(),
    )[0]
)
"""What the one that fits models is told to open at most."""


def settings(name: str) -> Any:
    """With the defaults that a deployment has unless it says otherwise, as one of them does."""
    service = PROGRAMS[name]
    given = {
        "database_url": SecretStr("postgresql://role@db/outreach"),
        "unipile_dsn": "api1.example.com:13111",
        "unipile_access_token": SecretStr("x" * 16),
        "webhook_token": SecretStr("x" * 16),
        "webhook_secret": SecretStr("x" * 16),
    }
    if name == TRAINING:
        given["database_connections"] = CONNECTIONS
    return importlib.import_module(f"{service.replace('-', '_')}.settings").Settings(**given)


def test_who_fits_models_is_counted_too() -> None:
    """One of it, and one more during a roll."""
    fits = deployment("outreach-worker-training", 1)

    assert connections.most(Rendering("some", [fits])) == 2 * 24


def deployment(name: str, replicas: int) -> dict[str, Any]:
    container = {"name": name, "image": f"example/{name}:1", "envFrom": [{"a": "b"}]}
    container |= {"env": [{"name": "OUTREACH_WORKER_DATABASE_URL", "valueFrom": {}}]}
    spec = {"replicas": replicas, "template": {"spec": {"containers": [container]}}}
    return {"kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def postgres(gives: int) -> dict[str, Any]:
    container = {"name": "postgres", "args": ["-c", f"max_connections={gives}"]}
    spec = {"template": {"spec": {"containers": [container]}}}
    return {"kind": "StatefulSet", "metadata": {"name": "postgres"}, "spec": spec}


@pytest.mark.parametrize(("gives", "fits"), [(85, True), (84, False)])
def test_the_sum_is_compared(gives: int, *, fits: bool) -> None:
    """Two workers of twenty-four each, a third during a roll, and what is kept for others."""
    rendering = Rendering("some", [deployment("outreach-worker", 2), postgres(gives)])

    assert (not [*connections.findings(rendering)]) is fits


def test_as_many_as_a_scaler_may_make() -> None:
    """Replicas that may come count as those that are there."""
    scaler = {
        "kind": "ScaledObject",
        "metadata": {"name": "outreach-worker"},
        "spec": {"scaleTargetRef": {"name": "outreach-worker"}, "maxReplicaCount": 12},
    }
    rendering = Rendering("some", [deployment("outreach-worker", 2), postgres(100), scaler])

    assert connections.most(rendering) == 13 * 24
    assert [*connections.findings(rendering)]


def test_the_page_tells_what_the_settings_come_to() -> None:
    """The table of connections is that of the code."""
    told = {
        service: int(most)
        for service, most in re.findall(
            r"^\| `([a-z-]+)`[^|]* \| [^|]+ \| (\d+) \|", DOCS.read_text(), re.MULTILINE
        )
        if service in PROGRAMS
    }

    assert told == {name: settings(name).most_connections for name in PROGRAMS}


def test_the_page_adds_up() -> None:
    """Two of each, one more of each during a roll, and as many as scalers make."""
    page = DOCS.read_text().replace(",", "")
    each = {service: settings(service).most_connections for service in SERVICES}
    scaled = zip((10, 12, 8, 10), each.values(), strict=True)
    most = sum(replicas * opened for replicas, opened in scaled)
    one_more = sum(each.values())

    assert f"{2 * one_more} connections and {one_more} more while one more of each" in page
    assert f"with 10 12 8 and 10 of them {most} and {most + one_more} during a roll" in page
