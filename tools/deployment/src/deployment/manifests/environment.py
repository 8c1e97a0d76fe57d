"""What a container of ours is told, and whether its program would start on that.

Its settings are read by the code that reads them when it starts, with everything that this refuses
outside of the sandbox. What is mounted is stood in for by files that are as they should be.
"""

from __future__ import annotations

import functools
import importlib
import os
import tempfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from servicekit.settings import SettingsRefused, read, read_to_migrate

from deployment.manifests.objects import PROGRAMS, Rendering, Workload

FILES = ("_FILE", "_KEYS", "_PATH")
"""How variables end that name a file, or a folder of them."""
_MIGRATES = ".migrate"
_URL = "postgresql://role@database/outreach?sslmode=verify-full"


class WouldNotStart(ValueError):
    """What a program would say instead of starting, one line for each setting."""


def service_of(workload: Workload) -> str | None:
    """Whose settings are read in it; None where nothing of ours runs."""
    path = str(workload.containers[0]["image"]).rpartition("/")[2]
    name = path.partition(":")[0]
    # What makes the roles runs from a service's image and reads none of its settings.
    return PROGRAMS.get(name) if workload.containers[0].get("envFrom") else None


def class_of(service: str) -> Any:
    """The class of a service's settings."""
    return importlib.import_module(f"{service.replace('-', '_')}.settings").Settings


def migrates(workload: Workload) -> bool:
    """Whether it runs migrations, which need less than the service does."""
    command = workload.containers[0].get("command", [])
    return any(str(part).endswith(_MIGRATES) for part in command)


def asks_temporal(workload: Workload) -> bool:
    """Whether what runs in it reads where Temporal is: of migrations some do."""
    service = service_of(workload)
    if service is None:
        return False
    settings = class_of(service)
    return bool(settings.migrates_temporal if migrates(workload) else settings.uses_temporal)


def given(rendering: Rendering, workload: Workload) -> dict[str, str]:
    """Every variable of a container; what secrets hold is stood in for."""
    (container,) = workload.containers
    values = dict(rendering.config(container))
    for variable in container.get("env", []):
        name = variable["name"]
        values[name] = variable["value"] if "value" in variable else _secret(rendering, variable)
    return values


def _secret(rendering: Rendering, variable: Mapping[str, Any]) -> str:
    """What a secret of the rendering has; else something of the kind."""
    asked = variable.get("valueFrom", {}).get("secretKeyRef", {})
    secret = rendering.find("Secret", asked.get("name", "")) or {}
    encoded = (secret.get("data") or {}).get(asked.get("key"))
    return b64decode(encoded).decode() if encoded else _stand_in(variable["name"])


def volume_of(workload: Workload, path: str) -> Mapping[str, Any] | None:
    """What is mounted where a file lies, or at a folder itself."""
    (container,) = workload.containers
    mounts = {mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts", [])}
    return workload.volume(mounts.get(path, mounts.get(path.rpartition("/")[0], "")))


def settings_of(rendering: Rendering, workload: Workload) -> Any | None:
    """The settings that a service would have, safe or not; None where they cannot be read."""
    service = service_of(workload)
    if service is None:
        return None
    with _environment(_with_files(given(rendering, workload), workload)):
        try:
            return class_of(service).model_validate({})
        except ValidationError:
            return None


def require_a_start(rendering: Rendering, workload: Workload) -> None:
    """Raise `WouldNotStart` where the program would.

    Of a component that is rendered by itself only what is wrong is refused, not what is missing,
    and of migrations nothing: they are judged wherever they are needed.
    """
    service = service_of(workload)
    if service is None or (rendering.alone and migrates(workload)):
        return
    settings = class_of(service)
    with _environment(_with_files(given(rendering, workload), workload)):
        try:
            if rendering.alone:
                settings.model_validate({})
            elif migrates(workload):
                read_to_migrate(settings)
            else:
                read(settings)
        except ValidationError as error:
            raise WouldNotStart("\n".join(map(_said, error.errors()))) from error
        except SettingsRefused as refused:
            lines = [f"{each.setting} {each.problem}" for each in refused.refusals]
            raise WouldNotStart("\n".join(lines)) from refused


def _said(error: Any) -> str:
    return f"{'.'.join(map(str, error['loc'])) or 'settings'}: {error['msg']}"


def _stand_in(name: str) -> str:
    if name.endswith("DATABASE_URL"):
        return _URL
    return "api1.example.com:13111" if name == "UNIPILE_DSN" else "x" * 44


def _with_files(values: Mapping[str, str], workload: Workload) -> dict[str, str]:
    """With a file, or a folder, that is there for each that would be."""
    return {
        name: _file_for(name)
        if name.endswith(FILES) and value.startswith("/") and volume_of(workload, value) is not None
        else value
        for name, value in values.items()
    }


def _file_for(name: str) -> str:
    folder = Path(_files().name)
    if name.endswith("AUTH_SERVICE_KEYS"):
        return str(folder)
    return str(folder / ("url" if name.endswith("DATABASE_URL_FILE") else "credential"))


@functools.cache
def _files() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory()
    (Path(made.name) / "url").write_text(_URL)
    (Path(made.name) / "credential").write_text("x" * 44)
    return made


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
