"""No address that a customer can write leads into our own network."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.destination import (
    Destination,
    Rules,
    is_public,
    parse,
    require_allowed,
)

SANDBOX = Rules(loopback=True)

ALLOWED = [
    ("https://hooks.example.com/outreach", Destination("https", "hooks.example.com", 443)),
    ("https://hooks.example.com:8443/a?b=c", Destination("https", "hooks.example.com", 8443)),
    ("HTTPS://Hooks.Example.COM./", Destination("https", "hooks.example.com", 443)),
    ("https://bücher.example/", Destination("https", "xn--bcher-kva.example", 443)),
    ("https://93.184.216.34/", Destination("https", "93.184.216.34", 443)),
    ("https://[2606:2800:220:1::1]/", Destination("https", "2606:2800:220:1::1", 443)),
]

FORBIDDEN = [
    "",
    "hooks.example.com",
    "//hooks.example.com/",
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "https://",
    "https:///path",
    "https://user:password@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com/#fragment",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:80/",
    "https://hooks.example.com:5432/",
    "https://hooks.example.com:6379/",
    "https://hooks.example.com:9200/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://hooks.example.com/\r\nhost: other",
    "https://hooks.example .com/",
    "https://" + "a" * 3000 + ".example/",
    "https://" + "a" * 64 + ".example/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://api.localhost/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.1.:443/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://192.0.0.1/",
    "https://198.18.0.1/",
    "https://203.0.113.7/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://168.63.129.16/",
    "https://192.52.193.1/",
    "https://[3fff::1]/",
    "https://[2620:4f:8000::1]/",
    "https://[2a00:1450::5efe:10.0.0.1]/",
    "https://[2a00:1450::200:5efe:127.0.0.1]/",
    "https://[::1",
]


@pytest.mark.parametrize(("url", "destination"), ALLOWED)
def test_public_https_is_allowed(url: str, destination: Destination) -> None:
    """HTTPS to a public name or address, on a port where receivers listen, may be called."""
    assert parse(url) == destination


def test_other_ports_may_be_allowed() -> None:
    """By whoever runs it; then those alone."""
    rules = Rules(ports=frozenset({443, 9443}))

    assert parse("https://hooks.example.com:9443/", rules).port == 9443
    with pytest.raises(DestinationForbidden, match="443, 9443"):
        parse("https://hooks.example.com:8443/", rules)


@pytest.mark.parametrize("url", FORBIDDEN)
def test_everything_else_is_forbidden(url: str) -> None:
    """Other schemes, hidden hosts, private and unusual forms of addresses may not."""
    with pytest.raises(DestinationForbidden) as refusal:
        parse(url)

    assert refusal.value.message
    assert refusal.value.violations[0].field == "url"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9001/hook", "http://localhost:80/", "http://[::1]:9001/"]
)
def test_the_sandbox_may_call_this_machine(url: str) -> None:
    """With the sandbox's rule, and only with it, loopback is allowed without TLS."""
    assert parse(url, SANDBOX).scheme == "http"
    with pytest.raises(DestinationForbidden):
        parse(url)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://hooks.example.com/"])
def test_the_sandbox_may_call_nothing_else(url: str) -> None:
    """The sandbox's rule opens this machine and no other."""
    with pytest.raises(DestinationForbidden):
        parse(url, SANDBOX)


def test_one_private_address_forbids_a_name() -> None:
    """A name with a public and a private address is not called at all."""
    require_allowed(["93.184.216.34"])

    with pytest.raises(DestinationForbidden):
        require_allowed(["93.184.216.34", "10.0.0.1"])


def test_a_name_without_an_address_is_forbidden() -> None:
    """Nothing resolved is nothing allowed."""
    with pytest.raises(DestinationForbidden):
        require_allowed([])


@given(st.ip_addresses(v=4))
def test_wrapping_hides_nothing(address: ipaddress.IPv4Address) -> None:
    """An IPv4 address is decided alike however IPv6 spells it."""
    number = int(address)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) | (number << 80))
    nat64 = ipaddress.IPv6Address((0x64FF9B << 96) | number)

    assert {is_public(mapped), is_public(six_to_four), is_public(nat64)} == {is_public(address)}


@given(
    st.sampled_from(
        ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"]
    ),
    st.integers(min_value=0),
)
def test_no_private_network_is_public(network: str, offset: int) -> None:
    """Every address of the private networks is refused."""
    block = ipaddress.ip_network(network)

    assert not is_public(block[offset % block.num_addresses])
