"""Whether what is outside of our services is reached by TLS, as settings say it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import AfterValidator

VERIFIED = ("verify-full", "verify-ca")
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
_CERTIFICATES = ("SERVER_CA_CERT_PATH", "SERVER_CA_CERT_DATA", "CLIENT_CERT_PATH")
_TEMPORALS = (
    *(f"TEMPORAL_TLS_{each}" for each in (*_CERTIFICATES, "CLIENT_CERT_DATA", "SERVER_NAME")),
    "TEMPORAL_CLIENT_CERT",
    "TEMPORAL_API_KEY",
    "TEMPORAL_API_KEY_FILE",
)


def _name_of_mesh(value: str) -> str:
    said = value.strip()
    if said.lower() in _YES:
        raise ValueError("must name the mesh that encrypts, or say loopback")
    return "" if said.lower() in _NO else said


Mesh = Annotated[str, AfterValidator(_name_of_mesh)]
"""That something encrypts is easily said; what, only by who knows it. Empty: nothing does."""


def is_database_verified(url: str) -> bool:
    """Whether nothing of a database's crosses a network as text, or to who is not known.

    A socket crosses none. Where no host is named the environment may name one.
    """
    parts = urlsplit(url)
    said = parse_qs(parts.query)
    hosts = [unquote(parts.hostname or ""), *said.get("host", ())]
    named = [host for each in hosts for host in each.split(",") if host]
    if named and all(host.startswith("/") for host in named):
        return True
    return said.get("sslmode", [""])[-1] in VERIFIED


def urls_in(path: Path | None) -> list[str]:
    """Of a file that can be read: what cannot is refused otherwise."""
    try:
        return path.read_text().split() if path is not None else []
    except (OSError, UnicodeDecodeError):
        return []


def is_temporal_encrypted(environ: Mapping[str, str]) -> bool:
    """Whether the SDK connects by TLS: where it is told to, has something for it, or an API key."""
    said = environ.get("TEMPORAL_TLS", "").strip().lower()
    if said:
        return said in _YES
    return any(environ.get(name, "").strip() for name in _TEMPORALS)
