"""servicekit.credentials: certificates that are read again, and told by name."""

import asyncio
import io
import itertools
import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme
from devstack.stack.certificates import Certificates
from prometheus_client import CollectorRegistry
from servicekit.credentials.certificates import CertificateExpired, read_key_pair
from servicekit.credentials.tls import (
    CertificateStatus,
    FilesUnreadable,
    Tls,
    UrlFiles,
    shown_certificates,
    tls_of,
)
from servicekit.health import Readiness
from servicekit.http_server import HttpServer
from servicekit.settings import ServiceSettings, SettingsRefused
from servicekit.telemetry import logs
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

NAME = "campaign-api"


class Settings(ServiceSettings, env_prefix="THING_"):
    """Of some service."""


def looks_always() -> Callable[[], float]:
    """A clock by which files are looked at each time."""
    return itertools.count(step=10).__next__


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


@pytest.fixture
def tls(certificates: Certificates) -> Tls:
    return Tls(*certificates.settings(NAME).values(), now=looks_always())


def test_a_new_pair_is_in_force_at_once(certificates: Certificates, tls: Tls) -> None:
    """The same object while the files stay, another one when both have changed."""
    first = tls.pair()
    again = tls.pair()
    certificates.renew(NAME)

    assert again is first
    assert tls.pair().certificate.serial != first.certificate.serial


async def test_a_pair_that_does_not_belong_together_is_not_taken(
    certificates: Certificates, tls: Tls
) -> None:
    """Between the replacing of the one file and of the other the pair of before is in force."""
    first = tls.pair()
    certificates.key(NAME).write_bytes(certificates.key("outreach-worker").read_bytes())

    with pytest.raises(FilesUnreadable) as told:
        await tls.check_files()
    assert tls.pair() is first
    serial = first.certificate.serial
    assert f"campaign-api.key is not the key of the certificate {serial} of {NAME}" in str(
        told.value
    )
    certificates.renew(NAME)
    await tls.check_files()


@pytest.mark.parametrize("name", ["tls_certificate_file", "tls_key_file", "tls_authorities_file"])
def test_what_is_no_certificate_is_named(certificates: Certificates, name: str) -> None:
    """A service that is given nonsense says which file it is."""
    files = certificates.settings(NAME)
    files[name].write_text("nonsense")

    with pytest.raises(ValueError, match=str(files[name])):
        read_key_pair(*files.values())


def test_files_of_a_url(certificates: Certificates) -> None:
    """Read where they verify; what else a URL says of TLS leaves all of it to asyncpg."""
    root = f"sslrootcert={certificates.authorities}"
    secure = f"postgresql://a@b/c?sslmode=verify-full&{root}"
    files = UrlFiles()

    context = files.context(secure)

    assert context is not None
    assert context.check_hostname
    for other in (f"{secure}&sslcrl=/c", f"postgresql://a@b/c?sslmode=require&{root}", "socket"):
        assert files.context(other) is None
    with pytest.raises(ConnectionError, match="not-there"):
        files.context("postgresql://a@b/c?sslmode=verify-full&sslrootcert=/not-there")


@pytest.mark.parametrize("part", [0.3, 0.6, 0.75, 0.99])
def test_half_of_two_authorities_is_not_one(certificates: Certificates, part: float) -> None:
    """Somebody writes both: for a moment only one was believed, and the other's calls failed."""
    certificates.believe(certificates.authority, trustme.CA())
    tls = Tls(*certificates.settings(NAME).values(), now=looks_always())
    both = tls.pair().authorities

    certificates.authorities.write_bytes(both[: round(len(both) * part)])

    assert tls.pair().authorities == both
    assert "is not written to its end" in tls.files.why_unreadable


@pytest.mark.parametrize("name", ["tls_certificate_file", "tls_key_file", "tls_authorities_file"])
def test_some_of_the_files_are_none(certificates: Certificates, name: str) -> None:
    """A service that would speak plain text by oversight does not start, and says why."""
    files = certificates.settings(NAME)
    del files[name]

    with pytest.raises(SettingsRefused, match=f"^THING_{name.upper()} is not set"):
        tls_of(Settings(**files), sandbox=True)


def test_without_any_nothing_starts() -> None:
    """Outside of the sandbox nobody speaks plain text by oversight: the settings are named.

    It was logged and went on.
    """
    with pytest.raises(SettingsRefused, match=r"TLS_CERTIFICATE_FILE .*THING_TLS_BY_MESH=MESH"):
        tls_of(Settings(), sandbox=False)

    assert tls_of(Settings(tls_by_mesh="linkerd"), sandbox=False) is None
    assert tls_of(Settings(), sandbox=True) is None


async def test_what_is_over_is_told_by_name(certificates: Certificates, tls: Tls) -> None:
    """Readiness names the certificate and since when; metrics know it before."""
    registry, readiness = CollectorRegistry(), Readiness(fresh_for=timedelta(0))
    CertificateStatus(registry, readiness).tell_own(tls)
    before = await readiness.report()
    ended = datetime(2020, 1, 1, tzinfo=UTC)
    certificates.renew(NAME, not_before=ended - timedelta(days=1), not_after=ended)

    after = await readiness.report()

    assert before.ready
    assert not after.ready
    serial = tls.pair().certificate.serial
    assert after.checks["certificate"] == (
        f"CertificateExpired: certificate {serial} of {NAME} expired at 2020-01-01T00:00:00+00:00"
    )
    shown = registry.get_sample_value(
        "certificate_expiry_timestamp_seconds", {"certificate": "own"}
    )
    assert shown == ended.timestamp()


def test_a_service_that_begins_with_one_that_is_over_says_so(
    certificates: Certificates,
) -> None:
    """It begins, since only then its readiness can tell; the log names the certificate at once."""
    ended = datetime(2020, 1, 1, tzinfo=UTC)
    certificates.renew(NAME, not_before=ended - timedelta(days=1), not_after=ended)
    stream = io.StringIO()
    logs.configure("t", stream=stream)

    tls = tls_of(Settings(**certificates.settings(NAME)), sandbox=False)

    assert tls is not None
    (told,) = (
        line
        for line in map(json.loads, stream.getvalue().splitlines())
        if line["event"] == "certificate_not_valid"
    )
    assert f"{tls.pair().certificate} expired at 2020-01-01" in told["why"]


async def test_what_is_shown_to_others_is_told(certificates: Certificates) -> None:
    """A certificate for PostgreSQL that is over is noted; who asks for it says what that means."""
    registry, readiness = CollectorRegistry(), Readiness()
    ended = datetime(2020, 1, 1, tzinfo=UTC)
    certificates.renew(NAME, not_before=ended - timedelta(days=1), not_after=ended)
    path = certificates.certificate(NAME)
    shown = shown_certificates(
        f"postgresql://a@b/c?sslmode=verify-full&sslcert={path}",
        {"TEMPORAL_TLS_CLIENT_CERT_PATH": "/some/where"},
    )
    CertificateStatus(registry, readiness).tell_shown("postgres", shown["postgres"])

    report = await readiness.report()

    assert shown == {"postgres": path, "temporal": Path("/some/where")}
    assert report.ready
    assert "expired at 2020-01-01" in report.notes["certificate for postgres"]
    labels = {"certificate": "postgres"}
    told = registry.get_sample_value("certificate_expiry_timestamp_seconds", labels)
    assert told == ended.timestamp()
    assert registry.get_sample_value("certificate_files_unreadable", labels) == 0


def test_what_is_not_valid_yet_is_told(tls: Tls) -> None:
    """A certificate of tomorrow is none today."""
    certificate = tls.pair().certificate

    with pytest.raises(CertificateExpired, match="is not valid before"):
        certificate.require_valid(certificate.not_before - timedelta(seconds=1))
    certificate.require_valid(certificate.not_before)


async def _hello(_: Request) -> Response:
    return PlainTextResponse("hello")


async def test_http_shows_the_certificate_that_there_is(
    certificates: Certificates, tls: Tls
) -> None:
    """Replaced under load: every request is answered, and new connections see the new one."""
    context = ssl.create_default_context(cafile=str(certificates.authorities))
    seen: set[int] = set()

    async def ask(url: str) -> None:
        for _ in range(6):
            async with httpx.AsyncClient(verify=context) as client:
                answer = await client.get(url)
            stream = answer.extensions["network_stream"]
            shown = stream.get_extra_info("ssl_object").getpeercert()
            seen.add(int(shown["serialNumber"], 16))
            assert answer.text == "hello"

    async def renew() -> None:
        for _ in range(10):
            certificates.renew(NAME)
            await asyncio.sleep(0)

    app = Starlette(routes=[Route("/", _hello)])
    async with HttpServer(app, tls=tls) as server:
        await asyncio.gather(ask(server.url), ask(server.url), renew())
        await ask(server.url)

    assert server.url.startswith("https://")
    assert int(tls.pair().certificate.serial, 16) in seen


async def test_http_is_not_believed_by_strangers(tls: Tls) -> None:
    """Who believes another authority does not talk to us."""
    other = ssl.create_default_context()
    trustme.CA().configure_trust(other)
    app = Starlette(routes=[Route("/", _hello)])

    async with HttpServer(app, tls=tls) as server, httpx.AsyncClient(verify=other) as client:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(server.url)
