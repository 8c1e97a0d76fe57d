"""`deployment`: the commands behind `make k8s-validate`, `make image` and `make e2e-containers`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
import yaml

from deployment.containers.podman import Podman, PodmanFailed, PodmanMissing, PodNetwork
from deployment.containers.stand_ins import provide, provide_python
from deployment.containers.trial import Trial, TrialFailed, clock, image_names
from deployment.images.build import (
    DEFAULT_BASE,
    BaseNotPinned,
    Build,
    NoBuilder,
    NotBuilt,
    WheelsNeedBuildah,
    too_large,
)
from deployment.images.parts import IMAGES
from deployment.manifests.check import MATRICES, Checker, Lane, ToolsMissing
from deployment.manifests.rendering import KubectlMissing, NotRendered, read, render, renderings
from deployment.site import unsaid

app = typer.Typer(add_completion=False)
_MANIFESTS = Path("deploy/k8s")
_LANE = Path(".venv-k8s")


@app.callback()
def commands() -> None:
    """What a platform team is given, checked, built and tried."""


@app.command()
def check(
    *,
    write_matrices: Annotated[
        bool, typer.Option(help="Write down who reaches whom, as it is now.")
    ] = False,
) -> None:
    """Render every overlay, component and combination, and check what comes out."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        try:
            checker = Checker(_MANIFESTS, Lane(environment=_LANE), scratch)
            rendered = renderings(_MANIFESTS, scratch)
        except KubectlMissing as missing:
            typer.echo(f"NOT CHECKED: no manifest was rendered. {missing}")
            # On a machine of one's own the rest of `make check` goes on; a CI that skips is none.
            sys.exit(1 if os.environ.get("CI") else 0)
        except (NotRendered, ToolsMissing) as refused:
            typer.echo(refused)
            sys.exit(1)
        if write_matrices:
            for rendering in rendered:
                if rendering.name in MATRICES:
                    path = _MANIFESTS / "connectivity" / f"{rendering.name}.txt"
                    path.write_text("\n".join(checker.matrix(rendering)) + "\n")
        found = [*checker.all(rendered)]
    for finding in found:
        typer.echo(finding)
    objects = sum(len(rendering.objects) for rendering in rendered)
    seconds = time.monotonic() - started
    typer.echo(
        f"{len(rendered)} renderings, {objects} objects, {len(found)} findings, {seconds:.0f} s"
    )
    sys.exit(bool(found))


@app.command()
def site(
    overlay: Annotated[str, typer.Argument(help="A folder of deploy/k8s/overlays.")] = "production",
) -> None:
    """Check an overlay with what the site itself says, before it is applied."""
    folder = _MANIFESTS / "overlays" / overlay
    example, own = folder / "site.env.example", folder / "site.env"
    if not own.exists():
        typer.echo(f"{own} is not there: copy {example.name}, and fill it in")
        sys.exit(1)
    found = [*unsaid(example.read_text(), own.read_text())]
    if not found:
        found = [*_rendered_for(folder)]
    for finding in found:
        typer.echo(f"{overlay}: {finding}")
    typer.echo(f"{len(found)} findings")
    sys.exit(bool(found))


def _rendered_for(folder: Path) -> Iterator[str]:
    """What is found in an overlay as it would be applied; a tool that is missing is found too."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            checker = Checker(_MANIFESTS, Lane(environment=_LANE), Path(scratch))
            rendering = read(folder.name, render(folder))
        except (KubectlMissing, NotRendered, ToolsMissing) as refused:
            yield str(refused)
            return
        yield from checker.schemas([rendering])
        yield from checker.meaning(rendering)


@app.command("render")
def render_all(
    folder: Annotated[Path, typer.Argument(help="Where a file for each goes.")],
) -> None:
    """Write down every overlay, component and combination as it is rendered."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            rendered = renderings(_MANIFESTS, Path(scratch))
        except (KubectlMissing, NotRendered) as refused:
            typer.echo(refused)
            sys.exit(1)
    for rendering in rendered:
        name = rendering.name.replace("/", "-").replace(" ", "-")
        (folder / f"{name}.yaml").write_text(yaml.safe_dump_all(rendering.objects))


@app.command()
def image(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all without any.")] = None,
    *,
    base: Annotated[str, typer.Option(envvar="IMAGE_BASE", help="NAME@sha256:… for a release.")] = (
        DEFAULT_BASE
    ),
    unpinned: Annotated[
        bool, typer.Option(envvar="IMAGE_BASE_UNPINNED", help="Build a release on a tag.")
    ] = False,
    tag: Annotated[str, typer.Option(envvar="IMAGE_TAG")] = "local",
    registry: Annotated[str, typer.Option(envvar="IMAGE_REGISTRY")] = "localhost/outreach",
) -> None:
    """Build the images, and refuse one that is larger than it may be."""
    build = Build(
        root=Path.cwd(),
        tag=tag,
        base=base,
        registry=registry,
        version=tag,
        revision=_revision(),
    )
    wanted = [each for each in IMAGES if not names or each.name in names]
    try:
        if not unpinned:
            build.require_pinned()
        _provide_base(build)
        for each in wanted:
            build.build(each)
    except (
        BaseNotPinned,
        NoBuilder,
        NotBuilt,
        PodmanFailed,
        PodmanMissing,
        WheelsNeedBuildah,
    ) as refused:
        typer.echo(f"not built: {refused}")
        sys.exit(1)
    for each in wanted:
        typer.echo(f"{build.reference(each)}: {build.own_size(each) / 1e6:.0f} MB of its own")
    large = [*too_large(build, wanted)]
    for finding in large:
        typer.echo(f"too large: {finding}")
    sys.exit(bool(large))


def _provide_base(build: Build) -> None:
    """On a machine that reaches no registry, what stands in for the usual base is made there."""
    if not build.is_local or build.base != DEFAULT_BASE or shutil.which("buildah") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in provide_python(Podman(build.scratch), Path(folder)):
            typer.echo(f"made here, since it cannot be fetched: {name}")


@app.command()
def containers(
    *,
    tag: Annotated[str, typer.Option(envvar="IMAGE_TAG")] = "local",
    within: Annotated[float, typer.Option(help="Seconds that the campaign may take.")] = 240,
) -> None:
    """Run the local overlay in containers, a campaign to its end, and look at what runs."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            failed = [*_tried(Path(folder), tag=tag, within=within)]
        except PodmanMissing as missing:
            typer.echo(f"not run: {missing}")
            sys.exit(1 if os.environ.get("CI") else 0)
        except (PodmanFailed, TrialFailed, KubectlMissing, NotRendered) as refused:
            failed = [str(refused)]
    for finding in failed:
        typer.echo(f"failed: {finding}")
    typer.echo(f"{len(failed)} failed checks")
    sys.exit(bool(failed))


def _tried(scratch: Path, *, tag: str, within: float) -> Iterator[str]:
    """What fails of the trial; what there is to tell is told on the way."""
    manifests = scratch / "k8s"
    shutil.copytree(_MANIFESTS, manifests)
    overlay = manifests / "overlays" / "local"
    (overlay / "clock.env").write_text(f"SANDBOX_CLOCK={clock()}\n")
    rendering = read("local", render(overlay))
    started = time.monotonic()
    with PodNetwork("outreach-trial", "10.89.77.0/24", scratch) as podman:
        temporal = Path(sys.executable).with_name("temporal")
        for name in provide(podman, scratch, temporal):
            typer.echo(f"made here, since it cannot be fetched: {name}")
        trial = Trial(podman, rendering, image_names(rendering, tag))
        trial.start()
        typer.echo(f"everything is ready after {time.monotonic() - started:.0f} s")
        for name, usage in trial.usage().items():
            typer.echo(f"{name}, ready: {usage}")
        given = scratch / "examples"
        given.mkdir()
        shutil.copy("examples/leads.csv", given)
        shutil.copy(overlay / "sequence.json", given)
        campaign = trial.run_a_campaign(given, within=within)
        typer.echo(
            f"the campaign ended after {time.monotonic() - started:.0f} s: {campaign['name']}"
        )
        for name, usage in trial.usage().items():
            typer.echo(f"{name}, after the campaign: {usage}")
        invited = trial.invitations()
        typer.echo(f"{len(invited)} people were invited")
        yield from (f"{person} was invited {n} times" for person, n in invited.items() if n > 1)
        if not invited:
            yield "nobody was invited"
        yield from trial.hardening()
        yield from trial.silent_about_plain_text()
        if not trial.is_killed_over_its_limit():
            yield "a container lives on above its memory limit"
        yield from trial.drains()


def _revision() -> str:
    """The commit that is built, and whether anything beside it is."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    told = subprocess.run(  # noqa: S603 - the arguments are ours
        [git, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def main() -> None:
    """Entry point."""
    app()
