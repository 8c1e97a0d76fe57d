"""The manifests as they are, and with the mistakes that somebody makes in them sooner or later."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from deployment.manifests.check import Checker, Lane
from deployment.manifests.objects import Rendering
from deployment.manifests.rendering import KubectlMissing, NotRendered, render, renderings

from tests.unit.deployment.manifests.mutants import Mutant, mutants

ROOT = Path(__file__).parents[4]
MANIFESTS = ROOT / "deploy" / "k8s"
LANE = Lane(environment=ROOT / ".venv-k8s")
MUTANTS = [*mutants()]


def is_installed() -> bool:
    """Whether kubectl and the lane's tools are there; where a CI says they are, they must be."""
    return shutil.which("kubectl") is not None and (LANE.environment / ".installed").exists()


pytestmark = [
    pytest.mark.skipif(
        not is_installed() and not os.environ.get("CI"),
        reason="kubectl, or what make k8s-tools installs, is not there",
    ),
    pytest.mark.lasts(seconds=15),
]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("manifests")


@pytest.fixture(scope="module")
def rendered(scratch: Path) -> Mapping[str, Rendering]:
    used = {mutant.rendering for mutant in MUTANTS}
    return {each.name: each for each in renderings(MANIFESTS, scratch, only=used)}


@pytest.fixture(scope="module")
def checker(scratch: Path) -> Checker:
    return Checker(MANIFESTS, LANE, scratch)


def caught(mutant: Mutant, rendered: Mapping[str, Rendering], checker: Checker) -> bool:
    """Whether any layer has a finding; the slowest is asked last."""
    rendering, changed = mutant.made_in(rendered[mutant.rendering])
    about = [*checker.schemas([Rendering(mutant.rendering, changed)]), *checker.meaning(rendering)]
    if not about and mutant.at.startswith("NetworkPolicy/"):
        about = [*checker.connectivity(rendering)]
    return bool(about)


def test_mistakes_are_caught(rendered: Mapping[str, Rendering], checker: Checker) -> None:
    """Every mistake of the list is found."""
    missed = [mutant.name for mutant in MUTANTS if not caught(mutant, rendered, checker)]

    assert missed == []


def test_nothing_is_found_without_a_mistake(
    rendered: Mapping[str, Rendering], checker: Checker
) -> None:
    """What is rendered as it stands has no finding in what the mistakes are made in."""
    used = {mutant.rendering for mutant in MUTANTS}

    assert [finding for name in used for finding in checker.meaning(rendered[name])] == []


CHART_MISTAKES = {
    "a value that the chart does not know": ("  replicaCount: 2", "  replicas: 2"),
    "plain text to PostgreSQL": (
        "              enabled: true\n              caFile",
        "              caFile",
    ),
    "one database for both": ("            databaseName: temporal_visibility\n", ""),
    "a UI that changes workflows": ('value: "true"}', 'value: "false"}'),
    "a frontend that speaks plain text": (
        "    frontend:\n      enabled: true",
        "    frontend:\n      enabled: false",
    ),
}


@pytest.mark.parametrize("mistake", CHART_MISTAKES)
def test_values_of_the_chart_are_checked(tmp_path: Path, mistake: str) -> None:
    """As they stand nothing is found in them; each mistake is."""
    before, after = CHART_MISTAKES[mistake]
    shutil.copytree(MANIFESTS.parent / "helm", tmp_path / "helm")
    shutil.copytree(MANIFESTS, tmp_path / "k8s")
    values = tmp_path / "helm" / "temporal.yaml"
    checker = Checker(tmp_path / "k8s", LANE, tmp_path)

    assert [*checker.chart()] == []
    text = values.read_text()
    assert before in text
    values.write_text(text.replace(before, after))
    assert [*checker.chart()] != []


@pytest.mark.parametrize("missing", ["PUBLIC_URL", "AUTH_ISSUER", "REGISTRY", "DATABASE_CIDR"])
def test_production_names_what_is_missing(tmp_path: Path, missing: str) -> None:
    """Production is not rendered without what nobody can guess, and says which it is."""
    shutil.copytree(MANIFESTS, tmp_path / "k8s")
    overlay = tmp_path / "k8s" / "overlays" / "production"
    with pytest.raises(NotRendered, match=r"site\.env"):
        render(overlay)

    lines = (overlay / "site.env.example").read_text().splitlines(keepends=True)
    (overlay / "site.env").write_text(
        "".join(line for line in lines if not line.startswith(missing))
    )
    with pytest.raises(NotRendered, match=f"data.{missing}"):
        render(overlay)


def test_plain_text_is_not_rendered_without_a_mesh(tmp_path: Path) -> None:
    """Where PostgreSQL and Temporal speak none, what encrypts instead must be named."""
    shutil.copytree(MANIFESTS, tmp_path / "k8s")
    shutil.copytree(MANIFESTS.parent / "observability", tmp_path / "observability")
    overlay = tmp_path / "k8s" / "overlays" / "staging"
    lines = (overlay / "site.env.example").read_text().splitlines(keepends=True)
    (overlay / "site.env").write_text("".join(line for line in lines if line[:5] != "MESH="))

    with pytest.raises(NotRendered, match=r"data\.MESH"):
        render(overlay)


@pytest.mark.parametrize("missing", ["BACKUP_PATH", "BACKUP_NAME"])
def test_a_database_is_not_rendered_without_its_backup(tmp_path: Path, missing: str) -> None:
    """Which bucket nobody can guess; a cluster that is backed up nowhere is not made by mistake."""
    shutil.copytree(MANIFESTS, tmp_path / "k8s")
    shutil.copytree(MANIFESTS.parent / "observability", tmp_path / "observability")
    overlay = tmp_path / "k8s" / "combinations" / "cloud" / "kustomization.yaml"
    lines = overlay.read_text().splitlines(keepends=True)
    overlay.write_text("".join(line for line in lines if missing not in line))

    with pytest.raises(NotRendered, match=f"data.{missing}"):
        render(overlay.parent)


def test_a_backup_by_hand_is_one_of_every_night(checker: Checker) -> None:
    """What nobody renders is as its schema says, too, and is made as those that are scheduled."""
    folder = MANIFESTS / "components" / "cloudnative-pg"
    by_hand = yaml.safe_load((folder / "backup-now.yaml").read_text())
    scheduled = [*yaml.safe_load_all((folder / "backup.yaml").read_text())][1]

    assert [*checker.schemas([Rendering("by hand", [by_hand])])] == []
    assert by_hand["spec"] == {name: scheduled["spec"][name] for name in by_hand["spec"]}


def test_without_kubectl_it_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken for checked that could not be rendered."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(KubectlMissing, match=r"1\.28 or later"):
        renderings(MANIFESTS, tmp_path, only=["production"])
