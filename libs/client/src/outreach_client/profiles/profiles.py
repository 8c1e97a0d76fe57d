"""Profiles: named sets of settings, of which one is used unless another is named.

An option goes before the environment, and that before a profile.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outreach_client.profiles.folders import config_folder, write_private

DEFAULT = "default"

SETTINGS: Mapping[str, str] = {
    "campaign_api_address": "host:port of campaign-api.",
    "gateway_address": "host:port of linkedin-gateway.",
    "dispatcher_address": "host:port of webhook-dispatcher.",
    "organization": "Whose things commands are about.",
    "api_key_file": "A file with the API key, instead of what `login` keeps.",
    "token_file": "A file with a bearer token, read anew for every call.",
    "timeout": "How long a call may take at least: 90s, or seconds.",
    "tls": "true where the services are reached through TLS.",
    "tls_authorities_file": "A PEM file with the authorities that are believed.",
    "tls_certificate_file": "A PEM file with the certificate that is shown.",
    "tls_key_file": "A PEM file with its key.",
    "pages_address": "Where a browser finds campaign-api's pages.",
    "temporal_ui_address": "Where a browser finds Temporal's pages.",
}
"""What a profile may say; each also stands in the environment as OUTREACH_NAME."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class UnreadableProfiles(ValueError):
    """The file of profiles is none."""


@dataclass
class Profiles:
    """All of them, and which one is used."""

    used: str = DEFAULT
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the profile's name."""

    def of(self, name: str) -> Mapping[str, str]:
        """What a profile says; nothing of one that nothing was set in."""
        return self.settings.get(name, {})


def profiles_file() -> Path:
    """Where they are kept."""
    return config_folder() / "config.json"


def read_profiles() -> Profiles:
    """What is kept; raises `UnreadableProfiles` for what is no such file, and `OSError`."""
    path = profiles_file()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Profiles()
    except (ValueError, RecursionError) as error:
        raise UnreadableProfiles(f"{path} is no JSON: {error}") from error
    if not _is_understood(content):
        raise UnreadableProfiles(f"{path} has no profiles as `outreach config set` writes them")
    return Profiles(used=content["used"], settings=content["profiles"])


def write_profiles(profiles: Profiles) -> None:
    """Keep them for this user alone; raises `OSError`."""
    content = {"used": profiles.used, "profiles": profiles.settings}
    write_private(profiles_file(), json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def chosen(named: str = "") -> str:
    """The profile of a command: named there, else in the environment, else the one in use."""
    return named or os.environ.get("OUTREACH_PROFILE", "") or read_profiles().used


def is_name(name: str) -> bool:
    """Whether a profile may be called so; its key's file is called like it."""
    return _NAME.fullmatch(name) is not None


def key_file(profile: str) -> Path:
    """Where `login` keeps the API key of a profile."""
    suffix = "" if profile == DEFAULT else f".{profile}"
    return config_folder() / f"api-key{suffix}"


def _is_understood(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and isinstance(content.get("used"), str)
        and isinstance(content.get("profiles"), dict)
        and all(
            isinstance(each, dict)
            and all(isinstance(text, str) for text in (*each.keys(), *each.values()))
            for each in content["profiles"].values()
        )
    )
