"""An upgrade brings what understands new words before what says them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
NAME = "app.kubernetes.io/name"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEPLOYMENTS = [
    each
    for path in sorted((ROOT / "deploy/k8s/base").glob("*.yaml"))
    for each in yaml.load_all(path.read_text(), Loader=LOADER)
    if each and each["kind"] == "Deployment"
]
UPGRADE = (
    (ROOT / "docs/deploying.md")
    .read_text()
    .partition("\n## Upgrade and rollback\n")[2]
    .partition("\n## ")[0]
)


def test_campaign_api_is_brought_last() -> None:
    """First all but campaign-api, then the Jobs and the worker are waited for, then everything.

    A worker of before misses what a newer campaign-api tells running leads.
    """
    steps = [
        f"-l '{NAME}!=campaign-api'",
        "kubectl wait --for=condition=complete job",
        "rollout status deployment outreach-worker",
        "kubectl apply -k deploy/k8s/overlays/production && kubectl rollout status deployment",
    ]

    places = [UPGRADE.find(step) for step in steps]

    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: str(each["metadata"]["name"]))
def test_each_is_known_by_its_label(deployment: dict[str, Any]) -> None:
    """What is left out by its label is the one of that name, and no other."""
    assert deployment["metadata"]["labels"][NAME] == deployment["metadata"]["name"]


def test_nobody_seals_while_some_cannot_read_it() -> None:
    """Every service that has keys to seal by is told not to, by the component for one roll."""
    folder = ROOT / "deploy/k8s/components/sealing-upgrade"
    component = yaml.safe_load((folder / "kustomization.yaml").read_text())
    (settings,) = component["configMapGenerator"]
    keys = [
        setting["name"]
        for each in DEPLOYMENTS
        for container in each["spec"]["template"]["spec"]["containers"]
        for setting in container["env"]
        if setting["name"].endswith("_SEALING_KEYS_FILE")
    ]

    off = {key.replace("_KEYS_FILE", "_ON=false") for key in keys}
    assert len(off) == len(DEPLOYMENTS)
    assert set(settings["literals"]) == off
