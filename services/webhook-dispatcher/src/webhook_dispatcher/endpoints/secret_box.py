"""What is a secret of endpoints, encrypted at rest: AES-256-GCM, with the id of its key.

A version, the key's id, a nonce, then what is sealed. Whose it is, is sealed in as well: moved to
another row it opens nothing. What was kept by releases before is Fernet's, by the same keys.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from servicekit.credentials.watched_files import WatchedFiles

_SANDBOX_KEY = base64.urlsafe_b64encode(hashlib.sha256(b"sandbox, not a secret").digest())
_VERSION = b"\x01"
_ID_BYTES, _NONCE_BYTES = 4, 12
_NONCE_AT = len(_VERSION) + _ID_BYTES
_SEALED_AT = _NONCE_AT + _NONCE_BYTES
_PURPOSE = b"webhook-dispatcher: secrets of endpoints"


class SecretUnreadable(RuntimeError):
    """A stored secret was encrypted with a key that is no longer configured."""

    def __init__(self) -> None:
        super().__init__("an endpoint's secret cannot be read with the configured keys")


@dataclass(frozen=True)
class _Keys:
    """The keys by their ids, of which the newest seals."""

    newest: bytes
    ciphers: Mapping[bytes, AESGCM]
    fernet: MultiFernet


class SecretBox:
    """Encrypts with the first key and decrypts with any of them.

    To rotate, put the new key in front, run `python -m webhook_dispatcher.reencrypt`, and drop the
    old one.
    """

    def __init__(self, keys: Callable[[], _Keys]) -> None:
        self._keys = keys

    @classmethod
    def of(cls, keys: Sequence[str]) -> "SecretBox":
        """A box with these keys; raises `ValueError` for none, and for what is no key."""
        read = _read(keys)
        return cls(lambda: read)

    @classmethod
    def of_text(cls, text: str) -> "SecretBox":
        """A box with a text's keys, parted by commas or lines; raises `ValueError` for none."""
        return cls.of(_written(text))

    @classmethod
    def of_file(cls, path: Path) -> "SecretBox":
        """A box with the keys that a file has on its lines, read again when it changes.

        Raises `ValueError` at first, and stays as it is later on, where they are none.
        """
        return cls(WatchedFiles([path], lambda: _read(_written(path.read_text()))).get)

    @classmethod
    def for_sandbox(cls) -> "SecretBox":
        """A box with a key that everyone knows."""
        return cls.of([_SANDBOX_KEY.decode()])

    def seal(self, secret: str, *, of: str) -> bytes:
        """A secret as it is kept; `of` says whose and which it is, and opens it again."""
        keys, nonce = self._keys(), os.urandom(_NONCE_BYTES)
        sealed = keys.ciphers[keys.newest].encrypt(nonce, secret.encode(), of.encode())
        return _VERSION + keys.newest + nonce + sealed

    def open(self, sealed: bytes, *, of: str) -> str:
        """The secret; raises `SecretUnreadable` if no key sealed it, or it is not that of `of`."""
        keys = self._keys()
        try:
            if not sealed.startswith(_VERSION):
                return keys.fernet.decrypt(sealed).decode()
            cipher = keys.ciphers[sealed[len(_VERSION) : _NONCE_AT]]
            nonce = sealed[_NONCE_AT:_SEALED_AT]
            return cipher.decrypt(nonce, sealed[_SEALED_AT:], of.encode()).decode()
        except (InvalidTag, InvalidToken, KeyError, ValueError) as error:
            raise SecretUnreadable from error

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the first key sealed it, in the way of today."""
        return sealed.startswith(_VERSION + self._keys().newest)


def _read(keys: Sequence[str]) -> _Keys:
    if not keys:
        raise ValueError("at least one key is needed")
    fernet = MultiFernet([Fernet(key) for key in keys])
    derived = [_derived(base64.urlsafe_b64decode(key)) for key in keys]
    ciphers = {_id(key): AESGCM(key) for key in derived}
    return _Keys(_id(derived[0]), ciphers, fernet)


def _derived(key: bytes) -> bytes:
    """A key of its own for AES-GCM: what Fernet encrypts by is one of its halves."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key)


def _id(key: bytes) -> bytes:
    """What tells a key from another one, and nothing of it."""
    return hashlib.sha256(b"id of " + _PURPOSE + key).digest()[:_ID_BYTES]


def _written(text: str) -> list[str]:
    """The keys in a text, parted by commas or lines."""
    return text.replace(",", " ").split()
