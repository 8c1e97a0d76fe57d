"""What services request and may have is what was measured, with room, and the page says how."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment.manifests.objects import SERVICES

ROOT = Path(__file__).parents[4]
SECONDS_A_DAY = 86_400
ROWS = {
    row[0]: row[1:]
    for row in re.findall(
        r"^\| ([a-z-]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+)m \| (\d+[MG]i) \| ([\d,]+) \|$",
        (ROOT / "docs/deploying.md").read_text(),
        re.MULTILINE,
    )
}


def mebibytes(quantity: str) -> int:
    """A quantity as Kubernetes writes it."""
    return int(quantity[:-2]) * {"Mi": 1, "Gi": 1024}[quantity[-2:]]


def number(text: str) -> int:
    """One of the page's."""
    return int(text.replace(",", ""))


def resources(manifest: str) -> Any:
    """Those of its one Deployment."""
    text = (ROOT / f"deploy/k8s/{manifest}.yaml").read_text()
    (found,) = (each for each in yaml.safe_load_all(text) if each["kind"] == "Deployment")
    (container,) = found["spec"]["template"]["spec"]["containers"]
    return container["resources"]


def test_every_service_was_measured() -> None:
    """The page has a row for each."""
    assert set(ROWS) == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_manifests_are_what_the_page_says(service: str) -> None:
    """Memory is requested in full, so that no node takes it back; processor has no limit."""
    _, _, _, cpu, memory, _ = ROWS[service]

    assert resources(f"base/{service}") == {
        "requests": {"cpu": f"{cpu}m", "memory": memory},
        "limits": {"memory": memory},
    }


@pytest.mark.parametrize("service", SERVICES)
def test_there_is_room_above_what_was_measured(service: str) -> None:
    """Twice the most that was held, and no more than four times that."""
    _, most, _, _, memory, _ = ROWS[service]

    assert 2 <= mebibytes(memory) / number(most) <= 4


@pytest.mark.parametrize("service", SERVICES)
def test_the_page_counts_right(service: str) -> None:
    """How many leads a day the requested processor is enough for."""
    _, _, per_lead, cpu, _, leads = ROWS[service]

    assert number(leads) == round(number(cpu) / number(per_lead) * SECONDS_A_DAY, -3)


def test_what_fits_models_has_room_for_its_child() -> None:
    """Twice what both held for ten thousand people, and no more than four times that."""
    (row,) = re.findall(
        r"^\| outreach-worker-training, [^|]+ \| (\d+) \| (\d+) \| \d+ \| (\d+)m \| (\d+[MG]i) \|$",
        (ROOT / "docs/deploying.md").read_text(),
        re.MULTILINE,
    )
    own, child, cpu, memory = row

    assert resources("components/training/training") == {
        "requests": {"cpu": f"{cpu}m", "memory": memory},
        "limits": {"memory": memory},
    }
    assert 2 <= mebibytes(memory) / (number(own) + number(child)) <= 4
