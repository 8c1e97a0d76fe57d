"""A certificate, its key and the authorities that are believed: read, and judged by name."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtensionOID, NameOID

_BEGINS, _ENDS = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


class CertificateExpired(Exception):
    """A certificate is over, or not valid yet; the message says which, and since when."""


@dataclass(frozen=True)
class Certificate:
    """What people have to know of one."""

    subject: str
    names: Sequence[str]
    serial: str
    not_before: datetime
    not_after: datetime

    def __str__(self) -> str:
        """The name by which it is told in logs and readiness."""
        return f"certificate {self.serial} of {self.subject or ', '.join(self.names)}"

    def require_valid(self, now: datetime) -> None:
        """Raise `CertificateExpired` unless it is valid now."""
        if now >= self.not_after:
            raise CertificateExpired(f"{self} expired at {self.not_after.isoformat()}")
        if now < self.not_before:
            raise CertificateExpired(f"{self} is not valid before {self.not_before.isoformat()}")


@dataclass(frozen=True)
class KeyPair:
    """A certificate with what chains it, its key, and whom it lets one believe; PEM."""

    chain: bytes
    key: bytes
    authorities: bytes
    certificate: Certificate


def read_key_pair(certificate: Path, key: Path, authorities: Path) -> KeyPair:
    """The pair in files.

    Raises `ValueError`, which names the file, where one is not what it should be, and where
    the key is not the certificate's: one of them has been replaced, and the other not yet.
    """
    chain, secret = certificate.read_bytes(), key.read_bytes()
    told = read_certificate(certificate)
    public = x509.load_pem_x509_certificate(chain).public_key()
    try:
        private = serialization.load_pem_private_key(secret, password=None)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{key} is no private key in PEM without a password") from error
    if _der(private.public_key()) != _der(public):
        raise ValueError(f"{key} is not the key of the {told} in {certificate}")
    return KeyPair(whole(certificate, chain), secret, read_authorities(authorities), told)


def read_authorities(path: Path) -> bytes:
    """Whom one believes; raises `ValueError`, which names the file, for none."""
    believed = whole(path, path.read_bytes())
    try:
        x509.load_pem_x509_certificates(believed)
    except ValueError as error:
        raise ValueError(f"{path} holds no certificates in PEM") from error
    return believed


def whole(path: Path, content: bytes) -> bytes:
    """What is in a file; raises `ValueError` for one of whose certificates the last is cut off.

    The others would be taken for all that there are: of two authorities one, say.
    """
    if content.count(_BEGINS) != content.count(_ENDS):
        raise ValueError(f"{path} is not written to its end")
    return content


def read_certificate(path: Path) -> Certificate:
    """The first certificate of a file; raises `ValueError`, which names the file, for none."""
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path} holds no certificate in PEM") from error
    common = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Certificate(
        subject=str(common[0].value) if common else "",
        names=_names(found),
        serial=f"{found.serial_number:x}",
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
    )


@cache
def system_authorities() -> ssl.SSLContext:
    """For a client that believes whom the system believes; reading them all takes 20 ms."""
    return ssl.create_default_context()


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """For a server of HTTP; raises `ssl.SSLError` where the two files do not belong together."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def now() -> datetime:
    """The machine's time: certificates know no other, whatever the clock's speed."""
    return datetime.now(UTC)


def _names(found: x509.Certificate) -> Sequence[str]:
    try:
        extension = found.extensions.get_extension_for_oid(
            ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        ).value
    except x509.ExtensionNotFound:
        return ()
    if not isinstance(extension, x509.SubjectAlternativeName):
        return ()
    return tuple(str(name.value) for name in extension)


def _der(key: object) -> bytes:
    told: bytes = key.public_bytes(  # type: ignore[attr-defined]  # of every kind of key
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return told
