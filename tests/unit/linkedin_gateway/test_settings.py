"""linkedin_gateway.settings: what the gateway refuses to start with."""

from typing import Any

import pytest
from linkedin_gateway.settings import Settings
from linkedin_gateway.unipile import base_url, is_loopback
from pydantic import SecretStr, ValidationError


def settings(dsn: str, **changes: Any) -> Settings:
    return Settings(
        database_url=SecretStr("postgresql://localhost/gateway"),
        webhook_token=SecretStr("0123456789abcdef"),
        webhook_secret=SecretStr("0123456789abcdef"),
        unipile_dsn=dsn,
        webhook_public_url=changes.pop("webhook_public_url", "https://hooks.example.com"),
        unipile_access_token=SecretStr("key"),
        tls_by_mesh="linkerd",
        sealing_keys=SecretStr("keys"),
        sealing_hash_key=SecretStr("key"),
        **changes,
    )


def refused(of: Settings, *, sandbox: bool) -> set[str]:
    """The names of the settings of the gateway's own that are refused."""
    keys = {refusal.setting for refusal in of.key_refusals(sandbox=sandbox)}
    return {refusal.setting for refusal in of.refusals(sandbox=sandbox)} - keys


def test_no_fast_clock_on_real_accounts() -> None:
    """The sandbox is refused unless Unipile's address is this machine."""
    real, here = settings("api1.example.com:13111"), settings("http://127.0.0.1:8900")

    assert refused(real, sandbox=True) == {"UNIPILE_DSN"}
    assert not refused(here, sandbox=True)
    assert not refused(real, sandbox=False)


def test_a_simulator_in_the_same_cluster() -> None:
    """A Service that is named as the simulator is as good as this machine, and nothing else is."""
    inside, name = "http://simulator:8900", "LINKEDIN_GATEWAY_SANDBOX_UNIPILE_HOST"
    named = settings(inside, sandbox_unipile_host="simulator")
    other = settings("http://elsewhere:8900", sandbox_unipile_host="simulator")
    real = settings("api1.example.com:13111", sandbox_unipile_host="api1.example.com")

    assert not refused(named, sandbox=True)
    assert base_url(inside, "simulator") == f"{inside}/api/v1"
    assert refused(named, sandbox=False) == {name}
    assert refused(other, sandbox=True) == {"UNIPILE_DSN"}
    assert refused(settings(inside), sandbox=False) == {"UNIPILE_DSN"}
    assert refused(real, sandbox=True) == {name}


@pytest.mark.parametrize("url", ["", "https://hooks.invalid", "hooks.example.com", "ftp://a.b"])
def test_no_real_accounts_without_webhooks(url: str) -> None:
    """Where Unipile cannot reach the gateway it does not start; a sandbox may do without."""
    deaf = settings("http://127.0.0.1:8900", webhook_public_url=url)

    assert refused(deaf, sandbox=False) == {"LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL"}
    assert not refused(deaf, sandbox=True)


def test_no_tls_without_a_certificate() -> None:
    """A webhook port that is to speak TLS does not speak plain text instead."""
    secure = settings("http://127.0.0.1:8900", webhook_tls=True)

    assert refused(secure, sandbox=True) == {"LINKEDIN_GATEWAY_TLS_CERTIFICATE_FILE"}


def test_caps_open_only_in_the_sandbox() -> None:
    """Nobody opens the caps of real accounts."""
    opened = settings("http://127.0.0.1:8900", sandbox_open_caps=True)

    assert refused(opened, sandbox=False) == {"LINKEDIN_GATEWAY_SANDBOX_OPEN_CAPS"}
    assert not refused(opened, sandbox=True)


@pytest.mark.parametrize(
    ("dsn", "url"),
    [
        ("api1.example.com:13111", "https://api1.example.com:13111/api/v1"),
        ("http://127.0.0.1:8900", "http://127.0.0.1:8900/api/v1"),
        ("https://api1.example.com:13111/", "https://api1.example.com:13111/api/v1"),
        ("https://api.example/v1", "https://api.example/api/v1"),
        ("https://api.example:13111/api/v1/", "https://api.example:13111/api/v1"),
        (" api.example:13111/api/v1", "https://api.example:13111/api/v1"),
    ],
)
def test_base_url(dsn: str, url: str) -> None:
    """A DSN is a host and a port, over TLS; plain HTTP stays on this machine.

    The API's own path was doubled where somebody had copied it along.
    """
    assert settings(dsn).unipile_dsn == url.removesuffix("/api/v1")
    assert base_url(dsn) == url


@pytest.mark.parametrize(
    "dsn",
    [
        "",
        "https://",
        "https://api.example/v2",
        "https://api.example/api/v1/accounts",
        "https://api.example?key=1",
        "https://me:secret@api.example",
        "api.example:port",
        "ftp://api.example",
    ],
)
def test_what_is_no_address_is_refused(dsn: str) -> None:
    """A path that is not ours, and what does not belong into an address, is a mistake."""
    with pytest.raises(ValidationError):
        settings(dsn)


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


@pytest.mark.parametrize(
    "token", ["0123456789 abcdef", "0123456789/abcdef", "0123456789abcdef%2F", "?123456789abcdef"]
)
def test_a_token_that_is_no_part_of_a_path(token: str) -> None:
    """It stands in the URL that Unipile is told, as it is."""
    with pytest.raises(ValidationError, match="must fit into a URL"):
        Settings.model_validate({"webhook_token": token, "unipile_dsn": "a.example"})


def test_the_newline_of_a_secrets_file_is_no_part_of_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`kubectl create secret --from-file` keeps it, and the token comes by the environment."""
    monkeypatch.setenv("LINKEDIN_GATEWAY_WEBHOOK_TOKEN", "0123456789abcdef\n")
    told = {"unipile_dsn": "a.example", "unipile_access_token": "key"}

    read = Settings.model_validate(
        told | {"database_url": "postgresql://db/x", "webhook_secret": "0123456789abcdef"}
    )

    assert read.webhook_token.get_secret_value() == "0123456789abcdef"
