"""Where a tenant's Unipile is."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def base_url(dsn: str, simulator_host: str = "") -> str:
    """The root of the API; plain HTTP only where nobody can listen in."""
    return f"{origin(dsn, simulator_host)}/api/v1"


def origin(dsn: str, simulator_host: str = "") -> str:
    """The tenant's address.

    Raises `ValueError` when it is plain HTTP to another machine than the simulator's.
    """
    address = dsn if "://" in dsn else f"https://{dsn}"
    if urlsplit(address).scheme == "http" and not is_simulated(address, simulator_host):
        raise ValueError("UNIPILE_DSN may use http:// only on loopback")
    return address.rstrip("/")


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
