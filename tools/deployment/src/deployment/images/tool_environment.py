"""What podman and buildah are told of the machine, where it does not say it itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_SYSTEMD = Path("/run/systemd/system")
_WITHOUT_SYSTEMD = """\
[containers]
default_ulimits = []
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
"""Debian 12's crun wants cgroups as systemd lays them out, and limits may be nobody's to raise."""


def tool_environment(scratch: Path) -> Mapping[str, str]:
    """The environment of every call; images lie in layers, which `vfs` would copy."""
    told = {"STORAGE_DRIVER": "overlay"}
    if not _SYSTEMD.exists():
        configuration = scratch / "containers.conf"
        configuration.write_text(_WITHOUT_SYSTEMD)
        told["CONTAINERS_CONF"] = str(configuration)
    return told | os.environ
