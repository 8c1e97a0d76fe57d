"""Sealed content: AES-256-GCM in pieces, so that a file of any size passes through little memory.

A header (the key's id, a random prefix), then pieces of one mebibyte, each sealed with the prefix,
its number and whether it is the last: a piece that is missing, twice, elsewhere or of another file
opens nothing (the STREAM construction). The file's name is sealed in as well.
"""

import base64
import binascii
import hashlib
import os
import struct
from collections.abc import AsyncIterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 1024 * 1024
_TAG = 16
_MAGIC = b"OF1\n"
_HEADER = struct.Struct("4s8s7s")
_KEY_BYTES = 32
_LAST = 2**32 - 1


class FileUnreadable(Exception):
    """What is stored is not what was written there, or its key is not configured any more."""


class Keys:
    """The keys of files: the first one seals, all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises `ValueError` for none, and for what is no key of 32 bytes."""
        if not keys:
            raise ValueError("at least one key is needed")
        if any(len(key) != _KEY_BYTES for key in keys):
            raise ValueError("a key is 32 random bytes in URL-safe base64")
        self._by_id = {_id(key): AESGCM(key) for key in keys}
        self.newest = _id(keys[0])

    @classmethod
    def of_text(cls, text: str) -> "Keys":
        """Keys in URL-safe base64, parted by commas or lines; raises `ValueError` as above."""
        try:
            return cls([base64.urlsafe_b64decode(key) for key in text.replace(",", " ").split()])
        except binascii.Error as error:
            raise ValueError("a key is 32 random bytes in URL-safe base64") from error

    def cipher(self, key_id: bytes) -> AESGCM:
        """The cipher of a key; raises `FileUnreadable` if it is not there any more."""
        try:
            return self._by_id[key_id]
        except KeyError:
            raise FileUnreadable("its key is not configured") from None


async def sealed(keys: Keys, name: str, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What is to be stored under a name."""
    cipher, prefix = keys.cipher(keys.newest), os.urandom(7)
    yield _HEADER.pack(_MAGIC, keys.newest, prefix)
    number, waiting = 0, bytearray()
    async for chunk in content:
        waiting += chunk
        # The last piece is only known to be that at the end: one is always kept back.
        while len(waiting) > PIECE:
            yield cipher.encrypt(_nonce(prefix, number), bytes(waiting[:PIECE]), _about(name))
            del waiting[:PIECE]
            number += 1
    yield cipher.encrypt(_nonce(prefix, number, last=True), bytes(waiting), _about(name))


async def opened(keys: Keys, name: str, stored: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What was written under a name, piece by piece.

    Raises `FileUnreadable` where it is not that, at the latest at the end: who must not use half of
    a file waits for the end.
    """
    number, waiting, opener = 0, bytearray(), _Opener(keys, name)
    async for chunk in stored:
        waiting += chunk
        opener.take_header(waiting)
        while opener.ready and len(waiting) > PIECE + _TAG:
            yield opener.piece(bytes(waiting[: PIECE + _TAG]), number)
            del waiting[: PIECE + _TAG]
            number += 1
    if not opener.ready:
        raise FileUnreadable("it is cut off")
    yield opener.piece(bytes(waiting), number, last=True)


class _Opener:
    """Opens the pieces of one file, once its header is there."""

    def __init__(self, keys: Keys, name: str) -> None:
        self._keys = keys
        self._about = _about(name)
        self._cipher: AESGCM | None = None
        self._prefix = b""

    @property
    def ready(self) -> bool:
        return self._cipher is not None

    def take_header(self, waiting: bytearray) -> None:
        """Take the header off what has come, if it is there."""
        if self.ready or len(waiting) < _HEADER.size:
            return
        magic, key_id, self._prefix = _HEADER.unpack(bytes(waiting[: _HEADER.size]))
        if magic != _MAGIC:
            raise FileUnreadable("it was not written here")
        self._cipher = self._keys.cipher(key_id)
        del waiting[: _HEADER.size]

    def piece(self, sealed_piece: bytes, number: int, *, last: bool = False) -> bytes:
        """One piece; raises `FileUnreadable` if it is not the one that belongs here."""
        if self._cipher is None:
            raise FileUnreadable("it has no header")
        try:
            nonce = _nonce(self._prefix, number, last=last)
            return self._cipher.decrypt(nonce, sealed_piece, self._about)
        except InvalidTag:
            raise FileUnreadable("it was changed or cut off") from None


def _nonce(prefix: bytes, number: int, *, last: bool = False) -> bytes:
    if number > _LAST:
        raise OverflowError("a file of four pebibytes")
    return prefix + struct.pack(">IB", number, last)


def _about(name: str) -> bytes:
    return _MAGIC + name.encode()


def _id(key: bytes) -> bytes:
    return hashlib.sha256(b"file key id" + key).digest()[:8]
