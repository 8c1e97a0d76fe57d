"""What of ours goes into an image: a package and what it needs, by the packages' own words."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_MEGABYTE = 10**6


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image."""

    name: str
    part: str
    entry: str
    largest: int
    """What its own layer may have, in bytes, the base not counted."""
    extra: str = ""
    """What of its part is optional and goes in: `deploy/EXTRA/requirements.lock` is its lock."""
    programs: tuple[str, ...] = ()
    """Modules that it runs beside those of its package, and nothing imports."""


IMAGES = (
    Image(
        name="campaign-api",
        part="services/campaign-api",
        entry="python -m campaign_api",
        largest=190 * _MEGABYTE,
    ),
    Image(
        name="outreach-worker",
        part="services/outreach-worker",
        entry="python -m outreach_worker",
        largest=190 * _MEGABYTE,
    ),
    Image(
        name="outreach-worker-training",
        part="services/outreach-worker",
        entry="python -m outreach_worker",
        largest=420 * _MEGABYTE,
        extra="training",
        programs=("automation.training.fit.__main__",),
    ),
    Image(
        name="linkedin-gateway",
        part="services/linkedin-gateway",
        entry="python -m linkedin_gateway",
        largest=150 * _MEGABYTE,
    ),
    Image(
        name="webhook-dispatcher",
        part="services/webhook-dispatcher",
        entry="python -m webhook_dispatcher",
        largest=150 * _MEGABYTE,
    ),
    Image(
        name="unipile-simulator",
        part="tools/unipile-simulator",
        entry="unipile-simulator",
        largest=60 * _MEGABYTE,
    ),
    Image(name="outreach", part="libs/client", entry="outreach", largest=150 * _MEGABYTE),
)


def parts_of(root: Path, part: str) -> list[str]:
    """The folders of ours that a package needs, what is needed first; the last is its own."""
    folders = {
        str(_project(path)["name"]): path.parent
        for pattern in ("libs/*", "services/*", "tools/*")
        for path in sorted(root.glob(f"{pattern}/pyproject.toml"))
    }
    found: list[str] = []

    def visit(folder: Path) -> None:
        name = str(folder.relative_to(root))
        if name in found:
            return
        for requirement in _project(folder / "pyproject.toml")["dependencies"]:
            needed = _NAME.match(requirement)
            if needed is not None and needed[0] in folders:
                visit(folders[needed[0]])
        found.append(name)

    visit(root / part)
    return found


def package_of(root: Path, part: str) -> str:
    """The name under which a part of ours is imported."""
    told = tomllib.loads((root / part / "pyproject.toml").read_text())
    return str(told["tool"]["uv"]["build-backend"]["module-name"])


def _project(path: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads(path.read_text())["project"]
    return project
