"""servicekit.temporal.connection: what needs no server."""

import base64
from pathlib import Path

import pytest
from servicekit.temporal import connection as temporal
from temporalio.service import RPCError, RPCStatusCode, TLSConfig


def encoded(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


def test_the_address_defaults_to_a_local_server() -> None:
    """Nothing set means the dev server."""
    assert temporal.connect_config({})["target_host"] == "localhost:7233"


def test_the_environment_is_the_sdks_own() -> None:
    """Address, namespace and key are read by the names every Temporal tool knows."""
    config = temporal.connect_config(
        {
            "TEMPORAL_ADDRESS": "temporal:7233",
            "TEMPORAL_NAMESPACE": "things",
            "TEMPORAL_API_KEY": "key",
        }
    )

    assert (config["target_host"], config["namespace"]) == ("temporal:7233", "things")
    assert config["api_key"] == "key"


def test_the_api_key_may_be_in_a_file(tmp_path: Path) -> None:
    """One of the two says it: a file, or the SDK's own name."""
    file = tmp_path / "key"
    file.write_text("key\n")
    by_file = {"TEMPORAL_API_KEY_FILE": str(file)}

    assert temporal.connect_config(by_file)["api_key"] == "key"
    with pytest.raises(ValueError, match="only one of TEMPORAL_API_KEY, TEMPORAL_API_KEY_FILE"):
        temporal.connect_config({**by_file, "TEMPORAL_API_KEY": "key"})


def test_client_certificates_come_in_base64() -> None:
    """Beside what the SDK's names say about TLS."""
    config = temporal.connect_config(
        {
            "TEMPORAL_CLIENT_CERT": encoded("certificate " * 20),
            "TEMPORAL_CLIENT_KEY": encoded("key"),
            "TEMPORAL_TLS_SERVER_NAME": "elsewhere",
        }
    )

    tls = config["tls"]
    assert isinstance(tls, TLSConfig)
    assert (tls.client_cert, tls.client_private_key) == (b"certificate " * 20, b"key")
    assert tls.domain == "elsewhere"


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TEMPORAL_CLIENT_CERT": encoded("c")}, "go together"),
        ({"TEMPORAL_CLIENT_CERT": "%%%", "TEMPORAL_CLIENT_KEY": "a"}, "base64"),
    ],
)
def test_broken_certificates_are_refused(environ: dict[str, str], told: str) -> None:
    """Half a pair, or what is not base64, is a mistake to hear about."""
    with pytest.raises(ValueError, match=told):
        temporal.connect_config(environ)


def test_clients_errors_of_being_away_are_unavailable() -> None:
    """A servicer's caller may try again; other errors are not hidden."""
    away = temporal.unavailable(RPCError("gone", RPCStatusCode.UNAVAILABLE, b""))

    assert isinstance(away, temporal.TemporalUnavailable)
    assert temporal.unavailable(RPCError("no", RPCStatusCode.NOT_FOUND, b"")) is None
    assert temporal.unavailable(ValueError()) is None
