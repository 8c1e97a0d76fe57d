"""Keys in files, read again when they change: a new key needs no restart."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from servicekit.credentials.watched_files import WatchedFiles

Keys = TypeVar("Keys")


class KeyFiles(WatchedFiles[Keys]):
    """What was made of a file with keys, or of the files of a folder, as they are now.

    Keys that cannot be read leave those of before in force; the first time they raise what
    `read` does.
    """

    _unreadable = (*WatchedFiles._unreadable, jwt.PyJWTError)  # noqa: SLF001 - one more of them
    _on_unreadable = "keys_unreadable"
    _on_read_again = "keys_read_again"

    def __init__(
        self,
        path: Path,
        read: Callable[[Path], Keys],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__([path], lambda: read(path), now=now)


def callers_keys_in_pem(path: Path) -> dict[str | None, Any]:
    """One public key, whatever key id a token names; raises `ValueError` if it is none."""
    return {None: serialization.load_pem_public_key(path.read_bytes())}


def callers_keys_in_jwks(path: Path) -> dict[str | None, Any]:
    """Public keys by their ids; raises PyJWT's errors if they are none.

    A symmetric key that is published would let every reader sign: it is left out.
    """
    key_set = jwt.PyJWKSet.from_json(path.read_text())
    return {key.key_id: key.key for key in key_set.keys if key.key_type != "oct"}


@dataclass(frozen=True)
class ServiceKey:
    """The public key by which one of our services is known."""

    service: str
    key: Any


def service_keys(folder: Path) -> Mapping[str, ServiceKey]:
    """Keys by their ids, from the files of a folder: `SERVICE.pem`, `SERVICE.anything.pem`.

    A service may have several while it changes its own. Raises `ValueError` for a file that
    holds no public key of P-256, and when two services have the same one.
    """
    found: dict[str, ServiceKey] = {}
    for path in sorted(folder.glob("*.pem")):
        key = serialization.load_pem_public_key(path.read_bytes())
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise ValueError(f"{path.name} is not the public part of an ES256 key")
        name, service = key_id(key), path.name.partition(".")[0]
        if name in found and found[name].service != service:
            raise ValueError(f"{path.name} holds a key that {found[name].service} has as well")
        found[name] = ServiceKey(service, key)
    return found


def signing_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """A service's own key; raises `ValueError` if the file holds no private key of P-256."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ValueError(f"{path.name} is not an ES256 key")
    return key


def key_id(key: ec.EllipticCurvePublicKey) -> str:
    """The id of a service's key: both sides make it of the key itself."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()[:32]
