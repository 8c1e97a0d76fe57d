"""What a site says of itself is looked at before it is applied."""

import shutil
from pathlib import Path

import pytest
from deployment.cli import app
from deployment.site import STAND_INS, said, sometimes, stand_ins, unsaid
from typer.testing import CliRunner

OVERLAYS = Path(__file__).parents[3] / "deploy" / "k8s" / "overlays"
EXAMPLES = {path.parent.name: path.read_text() for path in OVERLAYS.glob("*/site.env.example")}
REAL = "".join(
    f"{name}={value.replace('example.com', 'acme.io').replace('192.0.2', '10.7.0')}\n"
    for name, value in STAND_INS.items()
)


@pytest.mark.parametrize("overlay", EXAMPLES)
def test_an_example_says_nothing_that_nobody_has(overlay: str) -> None:
    """Copied as it is, what must be said is named: it had hosts and networks of nobody's."""
    example = EXAMPLES[overlay]
    unknown = [name for name, value in said(example).items() if not value]

    assert {"PUBLIC_URL", "AUTH_ISSUER", "REGISTRY", "VERSION"} <= set(unknown)
    assert [*unsaid(example, example)] == [f"{name} is empty" for name in unknown]
    assert set(said(example)) == set(said(stand_ins(example)))


def test_what_is_said_by_mistake_is_named() -> None:
    """Missing, empty, the documentation's, and what is asked for by nobody."""
    example = EXAMPLES["production"]
    own = "".join(line for line in REAL.splitlines(keepends=True) if "MESH" not in line)

    assert [*unsaid(example, own)] == []
    for before, after, found in (
        ("VERSION=0.1.0\n", "", "VERSION is missing"),
        ("VERSION=0.1.0", "VERSION= ", "VERSION is empty"),
        ("hooks.acme.io", "hooks.example.com", "PUBLIC_URL is the documentation's"),
        ("10.7.0.0/24", "192.0.2.0/24", "DATABASE_CIDR is the documentation's"),
        ("VERSION", "TAG=1\nVERSION", "nobody asks for TAG"),
    ):
        assert before in own
        (finding,) = unsaid(example, own.replace(before, after))
        assert finding.startswith(found)


def test_what_only_some_components_ask_for_may_be_said() -> None:
    """A backup's bucket is no mistake where there is one; empty, it is."""
    example = EXAMPLES["production"]
    own = "".join(f"{name}=there\n" for name in said(example))

    assert {"BACKUP_PATH", "BACKUP_NAME"} <= sometimes(example)
    assert [*unsaid(example, f"{own}BACKUP_PATH=s3://acme-backups\n")] == []
    assert [*unsaid(example, f"{own}BACKUP_PATH=\n")] == ["BACKUP_PATH is empty"]


def test_a_site_that_says_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make k8s-site-check` ends with 1 without the file, and with one that was only copied."""
    overlay = tmp_path / "deploy" / "k8s" / "overlays" / "production"
    shutil.copytree(OVERLAYS / "production", overlay)
    monkeypatch.chdir(tmp_path)

    without = CliRunner().invoke(app, ["site"])
    shutil.copy(overlay / "site.env.example", overlay / "site.env")
    copied = CliRunner().invoke(app, ["site"])

    assert (without.exit_code, copied.exit_code) == (1, 1)
    assert "site.env is not there" in without.output
    assert "production: REGISTRY is empty" in copied.output
