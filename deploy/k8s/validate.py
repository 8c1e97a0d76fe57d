"""Check the manifests: they are whole, they agree with the code, and kustomize builds them.

Building needs `kubectl`; where it is missing that part is left out, and said so.
"""

import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from servicekit.settings import environment

HERE = Path(__file__).parent
SERVICES = ("campaign-api", "outreach-worker", "linkedin-gateway", "webhook-dispatcher")
PUBLIC_URL = "LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL"
SHARED = re.compile(r"TEMPORAL_|OTEL_|SANDBOX_")


def documents(text: str) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(text) if document]


def missing_resources() -> Iterator[str]:
    """Files that a kustomization names and that are not there, or that none names."""
    for kustomization in sorted(HERE.rglob("kustomization.yaml")):
        folder = kustomization.parent
        named = yaml.safe_load(kustomization.read_text()).get("resources", [])
        for name in named:
            if not (folder / name).exists():
                yield f"{kustomization}: {name} does not exist"
        for path in sorted(folder.glob("*.yaml")):
            if path != kustomization and path.name not in named:
                yield f"{path}: no kustomization names it"


def wrong_deployments() -> Iterator[str]:
    """Deployments whose environment, ports or probes are not those of the code."""
    for service in SERVICES:
        path = HERE / "base" / f"{service}.yaml"
        deployment = next(d for d in documents(path.read_text()) if d["kind"] == "Deployment")
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        settings = importlib.import_module(f"{service.replace('-', '_')}.settings").Settings
        known = {variable.name: variable for variable in environment(settings)}
        given = {variable["name"] for variable in container["env"]}
        for name in sorted(given):
            if name not in known and not SHARED.match(name):
                yield f"{path.name}: {service} does not read {name}"
        for name in missing_credentials(service, settings, given):
            yield f"{path.name}: neither {name} nor {name}_FILE is given"
        for name, variable in known.items():
            if variable.required and name not in given:
                yield f"{path.name}: {name} is required and not given"
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe not in container:
                yield f"{path.name}: no {probe}"
        if "memory" not in container.get("resources", {}).get("limits", {}):
            yield f"{path.name}: no memory limit"


def missing_credentials(service: str, settings: Any, given: set[str]) -> Iterator[str]:
    """Credentials that are given neither by value nor by file."""
    for field in settings.required_credentials:
        alias = settings.model_fields[field].validation_alias
        name = str(alias or f"{service.replace('-', '_')}_{field}".upper())
        if not {name, f"{name}_FILE"} & given:
            yield name


def unheard_overlays() -> Iterator[str]:
    """Overlays that do not say where Unipile is to send what LinkedIn tells."""
    for overlay in sorted((HERE / "overlays").iterdir()):
        kustomization = yaml.safe_load((overlay / "kustomization.yaml").read_text())
        given = [
            literal.partition("=")
            for generator in kustomization.get("configMapGenerator", [])
            for literal in generator.get("literals", [])
        ]
        if not any(name == PUBLIC_URL and value for name, _, value in given):
            yield f"{overlay.name}: {PUBLIC_URL} is not given"


def unbuildable_overlays() -> Iterator[str]:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        print("kubectl is not installed: the overlays were read but not built")  # noqa: T201 - a command's output
        return
    for overlay in sorted((HERE / "overlays").iterdir()):
        built = subprocess.run(  # noqa: S603 - the arguments are ours
            [kubectl, "kustomize", str(overlay)], capture_output=True, text=True, check=False
        )
        if built.returncode:
            yield f"{overlay.name}: {built.stderr.strip()}"
            continue
        objects = documents(built.stdout)
        deployments = {d["metadata"]["name"] for d in objects if d["kind"] == "Deployment"}
        if deployments != set(SERVICES):
            yield f"{overlay.name}: deploys {sorted(deployments)}"
        yield from untagged_images(overlay.name, objects)


def untagged_images(overlay: str, objects: list[dict[str, Any]]) -> Iterator[str]:
    for built in objects:
        if built["kind"] == "Deployment":
            for container in built["spec"]["template"]["spec"]["containers"]:
                if ":" not in container["image"]:
                    yield f"{overlay}: {container['image']} has no tag"


def main() -> int:
    wrong = [
        *missing_resources(),
        *wrong_deployments(),
        *unheard_overlays(),
        *unbuildable_overlays(),
    ]
    for line in wrong:
        print(line)  # noqa: T201 - a command's output
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
