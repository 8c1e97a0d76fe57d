"""Endpoints' secrets, encrypted at rest."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from servicekit.credentials.watched_files import WatchedFiles

_SANDBOX_KEY = base64.urlsafe_b64encode(hashlib.sha256(b"sandbox, not a secret").digest())


class SecretUnreadable(RuntimeError):
    """A stored secret was encrypted with a key that is no longer configured."""


class SecretBox:
    """Encrypts with the first key and decrypts with any of them.

    To rotate, put the new key in front; drop the old one once every endpoint was
    created or had its secret rotated under a newer key.
    """

    def __init__(self, fernet: Callable[[], MultiFernet]) -> None:
        self._fernet = fernet

    @classmethod
    def of(cls, keys: Sequence[str]) -> "SecretBox":
        """A box with these keys; raises `ValueError` for none, and for what is no key."""
        fernet = _fernet(keys)
        return cls(lambda: fernet)

    @classmethod
    def of_text(cls, text: str) -> "SecretBox":
        """A box with a text's keys, parted by commas or lines; raises `ValueError` for none."""
        return cls.of(_written(text))

    @classmethod
    def of_file(cls, path: Path) -> "SecretBox":
        """A box with the keys that a file has on its lines, read again when it changes.

        Raises `ValueError` at first, and stays as it is later on, where they are none.
        """
        return cls(WatchedFiles([path], lambda: _fernet(_written(path.read_text()))).get)

    @classmethod
    def for_sandbox(cls) -> "SecretBox":
        """A box with a key that everyone knows."""
        return cls.of([_SANDBOX_KEY.decode()])

    def seal(self, secret: str) -> bytes:
        return self._fernet().encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret; raises `SecretUnreadable` when none of the keys sealed it."""
        try:
            return self._fernet().decrypt(sealed).decode()
        except InvalidToken as error:
            raise SecretUnreadable(
                "an endpoint's secret cannot be read with the configured keys"
            ) from error


def _fernet(keys: Sequence[str]) -> MultiFernet:
    if not keys:
        raise ValueError("at least one key is needed")
    return MultiFernet([Fernet(key) for key in keys])


def _written(text: str) -> list[str]:
    """The keys in a text, parted by commas or lines."""
    return text.replace(",", " ").split()
