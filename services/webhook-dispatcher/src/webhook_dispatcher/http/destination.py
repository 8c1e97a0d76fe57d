"""Which addresses may be called.

A customer chooses the address, so it must not lead into our own network. The text of
the address is checked when the endpoint is created and again before every attempt; what
its name resolves to is checked at the moment of connecting, and only such an address is
connected to (see `connection.py`), so a name cannot change its mind in between.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.mailboxes import MAILTO, is_mailbox

MAX_URL_CHARACTERS = 2048
_DEFAULT_PORTS = {"https": 443, "http": 80}

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# IANA's special-purpose registries where Python's own table (`is_global`) has gaps, and an address
# of a cloud's that is public by its number alone.
_SPECIAL = (
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.ip_network("100.64.0.0/10"),  # carriers' own networks
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments
    ipaddress.ip_network("192.31.196.0/24"),  # AS112
    ipaddress.ip_network("192.52.193.0/24"),  # AMT
    ipaddress.ip_network("192.175.48.0/24"),  # AS112, delegated
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's metadata and health probes
    ipaddress.ip_network("2001:4:112::/48"),  # AS112
    ipaddress.ip_network("2620:4f:8000::/48"),  # AS112, delegated
    ipaddress.ip_network("3fff::/20"),  # documentation
    ipaddress.ip_network("5f00::/16"),  # segment routing
)
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The upper half of an interface's identifier that wraps an IPv4 address (RFC 5214)."""

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Rules:
    """What may be called beside public HTTPS addresses."""

    loopback: bool = False
    """This machine, on any port, also without TLS. For the sandbox only."""
    ports: frozenset[int] = frozenset({443, 8443})
    """Of the public internet: a port on which something else listens is no receiver's."""


PUBLIC_ONLY = Rules()


@dataclass(frozen=True)
class Destination:
    """An address whose text is allowed."""

    scheme: str
    host: str
    port: int


def parse(url: str, rules: Rules = PUBLIC_ONLY) -> Destination:
    """Check the text of an address; raises `DestinationForbidden` with the reason."""
    if len(url) > MAX_URL_CHARACTERS:
        raise DestinationForbidden(f"has more than {MAX_URL_CHARACTERS} characters")
    if any(character <= " " or character in '\\"<>^`{|}\x7f' for character in url):
        raise DestinationForbidden("has characters that an address cannot have")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise DestinationForbidden(f"is not an address: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise DestinationForbidden("must start with https://")
    if parts.username is not None or parts.password is not None:
        raise DestinationForbidden("must not carry a user name or password")
    if parts.fragment:
        raise DestinationForbidden("must not have a fragment (#)")
    host = _host(parts.hostname)
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    destination = Destination(parts.scheme, host, port)
    if not (rules.loopback and _is_this_machine(host)):
        _require_public(destination, rules)
    return destination


def mailbox_of(url: str) -> str:
    """The one mail address of `mailto:…`; raises `DestinationForbidden` for all beside it."""
    text = url.removeprefix(MAILTO)
    if text == url or not is_mailbox(text):
        raise DestinationForbidden("is not mailto: and one e-mail address")
    return text


def require_allowed(addresses: Sequence[str], rules: Rules = PUBLIC_ONLY) -> None:
    """Check every address that a name resolved to.

    One that may not be called forbids all: then it raises `DestinationForbidden`.
    """
    if not addresses:
        raise DestinationForbidden("its name has no address")
    for text in addresses:
        address = ipaddress.ip_address(text.partition("%")[0])
        if rules.loopback and _is_loopback(address):
            continue
        if not is_public(address):
            raise DestinationForbidden(f"leads to {address}, which is not on the public internet")


def is_public(address: Address) -> bool:
    """Whether the address, and the IPv4 address it may wrap, is on the public internet."""
    if isinstance(address, IPv6Address):
        if address in _NAT64_LOCAL:
            return False
        wrapped = _wrapped(address)
        if wrapped is not None:
            return is_public(wrapped)
        if address.is_site_local:
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or address.is_private
    )


def _require_public(destination: Destination, rules: Rules) -> None:
    if destination.scheme != "https":
        raise DestinationForbidden("must start with https://")
    if destination.port not in rules.ports:
        may_be = ", ".join(map(str, sorted(rules.ports)))
        raise DestinationForbidden(f"names port {destination.port}; these may be: {may_be}")
    address = _literal(destination.host)
    if address is not None:
        require_allowed([str(address)])
    elif _is_this_machine(destination.host) or "." not in destination.host:
        raise DestinationForbidden("does not name a host on the public internet")
    elif _looks_numeric(destination.host):
        raise DestinationForbidden("spells an IP address in an unusual form")


def _host(host: str | None) -> str:
    if not host or host == ".":
        raise DestinationForbidden("names no host")
    host = host.removesuffix(".")
    if "%" in host:
        raise DestinationForbidden("names a host with a zone or an escape")
    if ":" in host:
        return host
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError as error:
        raise DestinationForbidden("names a host that cannot exist") from error


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _looks_numeric(host: str) -> bool:
    """Whether resolvers may read the name as a number: `2130706433`, `0x7f.1`, `127.1`."""
    last = host.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")


def _is_this_machine(host: str) -> bool:
    address = _literal(host)
    if address is not None:
        return _is_loopback(address)
    return host == "localhost" or host.endswith(".localhost")


def _is_loopback(address: Address) -> bool:
    wrapped = _wrapped(address) if isinstance(address, IPv6Address) else None
    return (wrapped or address).is_loopback


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address is a way to reach."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    embeds = address in _NAT64 or (address in _COMPATIBLE and int(address) > 1)
    return IPv4Address(int(address) & 0xFFFFFFFF) if embeds else None
