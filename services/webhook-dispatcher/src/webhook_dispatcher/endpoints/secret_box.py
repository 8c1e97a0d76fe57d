"""Endpoints' secrets, encrypted at rest."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_SANDBOX_KEY = base64.urlsafe_b64encode(hashlib.sha256(b"sandbox, not a secret").digest())


class SecretUnreadable(RuntimeError):
    """A stored secret was encrypted with a key that is no longer configured."""


class SecretBox:
    """Encrypts with the first key and decrypts with any of them.

    To rotate, put the new key in front; drop the old one once every endpoint was
    created or had its secret rotated under a newer key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("at least one key is needed")
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    @classmethod
    def for_sandbox(cls) -> "SecretBox":
        """A box with a key that everyone knows."""
        return cls([_SANDBOX_KEY.decode()])

    def seal(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret; raises `SecretUnreadable` when none of the keys sealed it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SecretUnreadable(
                "an endpoint's secret cannot be read with the configured keys"
            ) from error
