"""Where a tenant's Unipile is."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def base_url(dsn: str) -> str:
    """The root of the API; plain HTTP only where nobody can listen in."""
    return f"{origin(dsn)}/api/v1"


def origin(dsn: str) -> str:
    """The tenant's address.

    Raises `ValueError` when it is plain HTTP to another machine.
    """
    address = dsn if "://" in dsn else f"https://{dsn}"
    if urlsplit(address).scheme == "http" and not is_loopback(address):
        raise ValueError("UNIPILE_DSN may use http:// only on loopback")
    return address.rstrip("/")


def is_loopback(dsn: str) -> bool:
    """Whether an address points at this machine."""
    host = urlsplit(dsn if "://" in dsn else f"//{dsn}").hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
