"""The keys that wrap data keys: given by settings, or by whatever keeps keys.

The first key wraps, all of them unwrap: a key is changed by putting the new one first, having
every data key wrapped anew, and taking the old one away.
"""

import hashlib
import os
from collections.abc import Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from servicekit.credentials.secrets import Secret
from servicekit.settings.key_texts import read_keys

_VERSION = b"\x01"
_ID, _NONCE = 8, 12


def drawn(count: int, length: int) -> list[bytes]:
    """So many times so many random bytes, asked of the system at once.

    Asked for one by one they would take longer than what is sealed with them.
    """
    block = os.urandom(count * length)
    return [block[at : at + length] for at in range(0, count * length, length)]


class KeyLost(Exception):
    """What was wrapped is wrapped by a key that is not there any more, or was changed."""


class WrappingKeys(Protocol):
    """Wraps data keys. Who asks is about to read a page of rows: no call goes out for each.

    What keeps keys elsewhere unwraps its wrapping keys when the process begins, and has them here.
    """

    @property
    def newest(self) -> bytes:
        """How everything begins that is wrapped by the key in use."""

    def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Keys, each wrapped for what stands beside it and nothing else."""

    def unwrap(self, wrapped: bytes, *, about: bytes) -> bytes:
        """What was wrapped for this; raises `KeyLost`."""


class KeysOfSettings:
    """Wrapping keys as a setting, or its file, says them now."""

    def __init__(self, secret: Secret) -> None:
        """Raises `ValueError` for what is no key."""
        self._secret = secret
        self._lines: Sequence[str] | None = None
        self._by_id: dict[bytes, AESGCM] = {}
        self._keys()

    @property
    def newest(self) -> bytes:
        """How everything begins that is wrapped by the key in use."""
        return _VERSION + next(iter(self._keys()))

    def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Keys, each wrapped for what stands beside it and nothing else."""
        key_id, cipher = next(iter(self._keys().items()))
        head, encrypt = _VERSION + key_id, cipher.encrypt
        return [
            head + nonce + encrypt(nonce, key, key_id + about)
            for nonce, (key, about) in zip(drawn(len(keys), _NONCE), keys, strict=True)
        ]

    def unwrap(self, wrapped: bytes, *, about: bytes) -> bytes:
        """What was wrapped for this; raises `KeyLost`."""
        head = len(_VERSION) + _ID
        key_id, nonce = wrapped[len(_VERSION) : head], wrapped[head : head + _NONCE]
        cipher = self._keys().get(key_id)
        if not wrapped.startswith(_VERSION) or cipher is None:
            raise KeyLost(f"the wrapping key {key_id.hex()} is not configured")
        try:
            return cipher.decrypt(nonce, wrapped[head + _NONCE :], key_id + about)
        except (InvalidTag, ValueError):  # the latter of what was cut short
            raise KeyLost("the data key was changed, or is another's") from None

    def _keys(self) -> dict[bytes, AESGCM]:
        lines = self._secret.all()
        if lines != self._lines:
            self._by_id = {_id(key): AESGCM(key) for key in read_keys(lines)}
            self._lines = lines
        return self._by_id


def _id(key: bytes) -> bytes:
    return hashlib.sha256(b"wrapping key id" + key).digest()[:_ID]
