"""The certificate of a process: one for all that it serves and calls, as it is in the files now."""

import itertools
import os
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from prometheus_client import CollectorRegistry, Gauge

from servicekit.credentials import certificates
from servicekit.credentials.certificates import (
    Certificate,
    CertificateExpired,
    KeyPair,
    read_authorities,
    read_certificate,
    read_key_pair,
    server_context,
    whole,
)
from servicekit.credentials.watched_files import LOOKED_AT_EVERY, WatchedFiles
from servicekit.health import Readiness
from servicekit.settings import ServiceSettings, blaming
from servicekit.settings.refusals import require_none
from servicekit.telemetry import logs

Content = TypeVar("Content")

_BELONGING = "a certificate, its key and the authorities that are believed, all in PEM"

log = logs.get_logger(__name__)


class FilesUnreadable(Exception):
    """What is in force is not what is in the files; the message says why."""


class Tls:
    """A certificate, its key and the authorities that are believed, read again when they change.

    Raises `ValueError` at first where the files do not belong together. Later on such files leave
    those of before in force.
    """

    def __init__(
        self,
        certificate: Path,
        key: Path,
        authorities: Path,
        *,
        require_client_certificate: bool = True,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.require_client_certificate = require_client_certificate
        self._certificate = certificate
        self._key = key
        self._now = now
        self.files = WatchedFiles(
            (certificate, key, authorities),
            lambda: read_key_pair(certificate, key, authorities),
            now=now,
        )

    def pair(self) -> KeyPair:
        """What is in force; the same object as long as the files stay as they are."""
        return self.files.get()

    async def check_valid(self, at: Callable[[], datetime] = certificates.now) -> None:
        """Raise `CertificateExpired`, which names it, unless the certificate is valid now."""
        self.pair().certificate.require_valid(at())

    async def check_files(self) -> None:
        """Raise `FilesUnreadable` where the files are not what is in force."""
        self.pair()
        _require_readable(self.files)

    def http_context(self) -> ssl.SSLContext:
        """For a server of HTTP: each connection gets the certificate that there is then."""
        files = WatchedFiles(
            (self._certificate, self._key),
            lambda: server_context(self._certificate, self._key),
            now=self._now,
        )
        first = server_context(self._certificate, self._key)

        def on_hello(connection: Any, _name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = files.get()

        first.sni_callback = on_hello
        return first


def tls_of(settings: ServiceSettings, *, sandbox: bool) -> Tls | None:
    """The certificate that a service is given; None, which is logged, without any.

    Raises `SettingsRefused` where it has none outside of the sandbox, and no mesh, where it is
    given some of the files only, and where they do not belong together.
    """
    require_none(settings.tls_refusals(sandbox=sandbox))
    certificate, key, authorities = (
        settings.tls_certificate_file,
        settings.tls_key_file,
        settings.tls_authorities_file,
    )
    if certificate is None or key is None or authorities is None:
        log.warning("tls_disabled", consequence="calls between services cross the network as text")
        return None
    with blaming(settings.name_of("tls_certificate_file"), expected=_BELONGING):
        tls = Tls(
            certificate,
            key,
            authorities,
            require_client_certificate=settings.tls_require_client_certificate,
        )
    shown = tls.pair().certificate
    log.info("certificate_read", certificate=str(shown), expires_at=shown.not_after.isoformat())
    try:
        shown.require_valid(certificates.now())
    except CertificateExpired as error:
        # The service begins all the same, so that its readiness can say it too.
        log.error("certificate_not_valid", why=str(error))  # noqa: TRY400 - its text says it
    return tls


class CertificateStatus:
    """Whether the certificates of a process are valid, in metrics, readiness and its log."""

    def __init__(self, registry: CollectorRegistry, readiness: Readiness) -> None:
        self._readiness = readiness
        self._expiry = Gauge(
            "certificate_expiry_timestamp_seconds",
            "When a certificate in use ends, in seconds since 1970.",
            ["certificate"],
            registry=registry,
        )
        self._unreadable = Gauge(
            "certificate_files_unreadable",
            "1 while the files of a certificate are not what is in force.",
            ["certificate"],
            registry=registry,
        )

    def tell_own(self, tls: Tls | None) -> None:
        """That of the process itself: it is not ready without a valid one."""
        if tls is None:
            return
        self._tell("own", tls.files, lambda pair: pair.certificate)
        self._readiness.add("certificate", tls.check_valid)
        self._readiness.note("certificate files", tls.check_files)

    def tell_shown(self, name: str, path: Path) -> None:
        """One that is shown to somebody else's server, who says himself what it is good for.

        Raises `ValueError`, which names the file, if there is none in it.
        """
        files = WatchedFiles([path], lambda: read_certificate(path))
        self._tell(name, files, lambda certificate: certificate)

        async def check() -> None:
            files.get().require_valid(certificates.now())
            _require_readable(files)

        self._readiness.note(f"certificate for {name}", check)

    def _tell(
        self,
        name: str,
        files: WatchedFiles[Content],
        certificate_of: Callable[[Content], Certificate],
    ) -> None:
        def ends() -> float:
            return certificate_of(files.get()).not_after.timestamp()

        def unreadable() -> float:
            files.get()
            return float(bool(files.why_unreadable))

        self._expiry.labels(name).set_function(ends)
        self._unreadable.labels(name).set_function(unreadable)


def _require_readable(files: WatchedFiles[Any]) -> None:
    if files.why_unreadable:
        raise FilesUnreadable(files.why_unreadable)


def shown_certificates(
    database_url: str, environ: Mapping[str, str] = os.environ
) -> Mapping[str, Path]:
    """Which certificates the process shows to PostgreSQL and Temporal, by their names."""
    query = parse_qs(urlsplit(database_url).query)
    paths = {
        "postgres": next(iter(query.get("sslcert", ())), ""),
        "temporal": environ.get("TEMPORAL_TLS_CLIENT_CERT_PATH", ""),
    }
    return {name: Path(path) for name, path in paths.items() if path}


_VERIFIED = ("verify-ca", "verify-full")
_NAMED = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey"})
"""What is read here; where a URL or the environment says more, asyncpg reads it all."""


class UrlFiles:
    """The files that PostgreSQL's URL names, looked at before each connection is made.

    Files that are half written, or do not belong together, leave what was in them before in force.
    """

    def __init__(self) -> None:
        self._url = ""
        self._files: WatchedFiles[ssl.SSLContext] | None = None

    def context(self, url: str) -> ssl.SSLContext | None:
        """By which to connect; None where the URL leaves that to whoever does.

        Raises `ConnectionError` where its files cannot be read, and could not before.
        """
        if url != self._url:
            try:
                self._files, self._url = _files_of(url), url
            except (OSError, ValueError) as error:
                raise ConnectionError(f"files of the database's URL: {error}") from error
        return self._files.get() if self._files is not None else None


def _files_of(url: str) -> WatchedFiles[ssl.SSLContext] | None:
    said = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    root = said.get("sslrootcert")
    more = any(name.startswith("ssl") for name in said.keys() - _NAMED)
    more = more or any(name.startswith("PGSSL") for name in os.environ)
    if said.get("sslmode") not in _VERIFIED or root is None or more:
        return None
    certificate, key = said.get("sslcert"), said.get("sslkey")
    if (certificate is None) is not (key is None):
        return None

    def read() -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = said["sslmode"] == "verify-full"
        context.set_alpn_protocols(["postgresql"])
        context.load_verify_locations(cadata=read_authorities(Path(root)).decode())
        if certificate is not None:
            whole(Path(certificate), Path(certificate).read_bytes())
            context.load_cert_chain(certificate, key)
        return context

    paths = [Path(path) for path in (root, certificate, key) if path is not None]
    # Connections are few: each looks.
    return WatchedFiles(paths, read, now=itertools.count(step=2 * LOOKED_AT_EVERY).__next__)


def tell_certificates(
    tls: Tls | None, database_url: str, *, registry: CollectorRegistry, readiness: Readiness
) -> None:
    """Tell of every certificate that a service uses."""
    status = CertificateStatus(registry, readiness)
    status.tell_own(tls)
    for name, path in shown_certificates(database_url).items():
        status.tell_shown(name, path)
