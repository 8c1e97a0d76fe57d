"""Where a tenant's Unipile is."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_ROOT = "/api/v1"
_OURS = ("", "/api", "/v1", _ROOT)
"""Paths that people copy along with an address: they are how this program goes on by itself."""


def base_url(dsn: str, simulator_host: str = "") -> str:
    """The root of the API; plain HTTP only where nobody can listen in."""
    return f"{origin(dsn, simulator_host)}{_ROOT}"


def origin(dsn: str, simulator_host: str = "") -> str:
    """The tenant's address.

    Raises `ValueError` when it is plain HTTP to another machine than the simulator's, and as
    `address_of` does.
    """
    address = address_of(dsn)
    if is_text(address) and not is_simulated(address, simulator_host):
        raise ValueError("UNIPILE_DSN may use http:// only on loopback")
    return address


def address_of(dsn: str) -> str:
    """Scheme, host and port, without what of the path is the API's own.

    Raises `ValueError` for what is no address, or more than one.
    """
    parts = urlsplit(dsn.strip() if "://" in dsn else f"https://{dsn.strip()}")
    # Reading the port raises `ValueError` for what is none.
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("must be the host and the port of the tenant, for example HOST:13111")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must have no user, no query and no fragment")
    if parts.path.rstrip("/") not in _OURS:
        raise ValueError(f"must have no path but {_ROOT}, which may be left out")
    return f"{parts.scheme}://{parts.netloc}"


def is_text(dsn: str) -> bool:
    """Whether an address is spoken to without encryption."""
    return urlsplit(dsn).scheme == "http"


def is_simulated(dsn: str, simulator_host: str) -> bool:
    """Whether an address is this machine's, or that of the simulator in the same cluster."""
    return is_loopback(dsn) or (bool(simulator_host) and _host(dsn) == simulator_host)


def is_inside_a_cluster(host: str) -> bool:
    """Whether a name means a Service of a cluster, and nothing that the internet has."""
    return "." not in host or host.endswith((".svc", ".svc.cluster.local"))


def is_loopback(dsn: str) -> bool:
    """Whether an address points at this machine."""
    host = _host(dsn)
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host(dsn: str) -> str:
    return urlsplit(dsn if "://" in dsn else f"//{dsn}").hostname or ""
