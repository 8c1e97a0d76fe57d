"""What the gateway refuses to start with."""

from datetime import UTC, datetime
from typing import Any

import pytest
from linkedin_gateway.main import check
from linkedin_gateway.settings import Settings
from linkedin_gateway.unipile import base_url, is_loopback
from pydantic import SecretStr
from servicekit.clock import Clock

FAST = Clock(datetime(2026, 1, 1, tzinfo=UTC), 1000.0)


def settings(dsn: str, **changes: Any) -> Settings:
    return Settings(
        database_url=SecretStr("postgresql://localhost/gateway"),
        webhook_token=SecretStr("0123456789abcdef"),
        webhook_secret=SecretStr("0123456789abcdef"),
        unipile_dsn=dsn,
        webhook_public_url=changes.pop("webhook_public_url", "https://hooks.example.com"),
        unipile_access_token=SecretStr("key"),
        **changes,
    )


def test_no_fast_clock_on_real_accounts() -> None:
    """The sandbox is refused unless Unipile's address is this machine."""
    with pytest.raises(ValueError, match="loopback"):
        check(settings("api1.example.com:13111"), FAST)

    check(settings("http://127.0.0.1:8900"), FAST)
    check(settings("api1.example.com:13111"), Clock.real_time())


def test_a_simulator_in_the_same_cluster() -> None:
    """A Service that is named as the simulator is as good as this machine, and nothing else is."""
    inside = "http://simulator:8900"
    check(settings(inside, sandbox_unipile_host="simulator"), FAST)
    assert base_url(inside, "simulator") == f"{inside}/api/v1"

    with pytest.raises(ValueError, match="loopback"):
        check(settings("http://elsewhere:8900", sandbox_unipile_host="simulator"), FAST)
    with pytest.raises(ValueError, match="Service of the cluster"):
        check(settings("api1.example.com:13111", sandbox_unipile_host="api1.example.com"), FAST)
    with pytest.raises(ValueError, match="sandbox"):
        check(settings(inside, sandbox_unipile_host="simulator"), Clock.real_time())


@pytest.mark.parametrize("url", ["", "https://hooks.invalid", "hooks.example.com", "ftp://a.b"])
def test_no_real_accounts_without_webhooks(url: str) -> None:
    """Where Unipile cannot reach the gateway it does not start; a sandbox may do without."""
    with pytest.raises(ValueError, match="WEBHOOK_PUBLIC_URL"):
        check(settings("api1.example.com:13111", webhook_public_url=url), Clock.real_time())

    check(settings("http://127.0.0.1:8900", webhook_public_url=url), FAST)


def test_no_tls_without_a_certificate() -> None:
    """A webhook port that is to speak TLS does not speak plain text instead."""
    secure = settings("http://127.0.0.1:8900", webhook_tls=True)
    with pytest.raises(ValueError, match="LINKEDIN_GATEWAY_TLS_CERTIFICATE_FILE"):
        check(secure, FAST)

    check(settings("http://127.0.0.1:8900", webhook_tls=True, tls_certificate_file="c.pem"), FAST)


def test_caps_open_only_in_the_sandbox() -> None:
    """Nobody opens the caps of real accounts."""
    with pytest.raises(ValueError, match="sandbox"):
        check(settings("http://127.0.0.1:8900", sandbox_open_caps=True), Clock.real_time())


@pytest.mark.parametrize(
    ("dsn", "url"),
    [
        ("api1.example.com:13111", "https://api1.example.com:13111/api/v1"),
        ("http://127.0.0.1:8900", "http://127.0.0.1:8900/api/v1"),
        ("https://api1.example.com:13111/", "https://api1.example.com:13111/api/v1"),
    ],
)
def test_base_url(dsn: str, url: str) -> None:
    """A DSN is a host and a port, over TLS; plain HTTP stays on this machine."""
    assert base_url(dsn) == url


def test_no_plain_http_over_the_network() -> None:
    """The key is never sent where somebody could listen in."""
    with pytest.raises(ValueError, match="loopback"):
        base_url("http://api1.example.com")


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("127.0.0.1:8900", True),
        ("http://localhost:8900", True),
        ("[::1]:8900", True),
        ("127.0.0.1.example.com", False),
        ("10.0.0.1:80", False),
    ],
)
def test_is_loopback(dsn: str, *, expected: bool) -> None:
    """Only this machine is loopback, not what merely looks like it."""
    assert is_loopback(dsn) is expected
