"""Seals values and opens them: AES-256-GCM, by the data key of whom they are of.

    1 byte   version
    16 bytes id of the data key
    12 bytes nonce
    the rest what was said, and its tag

Sealed in is where it stands: schema, table, column, organization and row. A value that is copied
anywhere else does not open there.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from servicekit.sealing.alike import AlikeValues, is_sealed
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.wrapping_keys import KeyLost, WrappingKeys, drawn

VERSION = b"\x01"
KEY_ID, _NONCE, _KEY, _TAG = 16, 12, 32, 16
_TIME = 6
"""Of a key's id: milliseconds since 1970, so that keys of one day stand together in the index."""
_KEPT = 10_000
_KEPT_FOR = 300.0
"""Data keys that a process keeps unwrapped, and for how many seconds."""


class ValueUnreadable(Exception):
    """A value does not open: its key is lost or destroyed, or it stands where it does not belong.

    What it says names no value.
    """


@dataclass(frozen=True)
class SealedColumn:
    """A column in which values are sealed."""

    schema: str
    table: str
    column: str

    def about(self, organization_id: str, row: str) -> bytes:
        """What is sealed in with a value of this row."""
        place = f"{self.schema}\x00{self.table}\x00{self.column}"
        return f"{place}\x00{organization_id}\x00{row}".encode()


class DataKey(NamedTuple):
    """The key of a person, or of an organization, ready for use; one for each that is added."""

    id: bytes
    cipher: AESGCM


class Seal:
    """The one who seals and opens, for a process. Nothing of it is ever written down.

    One that is not `on` opens alone: whoever keeps values keeps them in clear.
    """

    def __init__(
        self,
        keys: WrappingKeys,
        hashes: KeyedHashes,
        *,
        on: bool = True,
        on_unreadable: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_unreadable` is told of every value that did not open: where it stands, and why."""
        self.keys = keys
        self.on = on
        self._hashes = hashes
        self._alike = AlikeValues(hashes)
        self._on_unreadable = on_unreadable
        self._now = now
        self._kept: OrderedDict[bytes, tuple[float, AESGCM]] = OrderedDict()

    def hashed(self, organization_id: str, kind: str, value: str) -> str:
        """By what a value is found; empty for an empty one, which is nobody's."""
        return self._hashes.hashed(organization_id, kind, value) if value else ""

    def seal_alike(self, organization_id: str, value: str) -> str:
        """The value as a text that is the same each time; see `AlikeValues`. Empty stays empty.

        Also where sealing is off: who writes a value so and who writes it in clear would not
        find each other's rows. What is sealed already, and did not open, stays: by it its row is
        found, and a second seal would make it nobody's for ever.
        """
        if not value or is_sealed(value):
            return value
        return self._alike.sealed(organization_id, value)

    def open_alike(self, organization_id: str, kept: str) -> str:
        """What was sealed so; one that was kept in clear, by a release before, as it is.

        One that does not open is told of, and stays as it is kept: it is nobody's (`is_sealed`).
        """
        if not is_sealed(kept):
            return kept
        opened = self._alike.opened(organization_id, kept)
        if opened is None:
            self._on_unreadable("an id was changed, or is another organization's")
            return kept
        return opened

    def seal(
        self, key: DataKey, place: SealedColumn, organization_id: str, row: str, value: bytes
    ) -> bytes:
        """The value, sealed for this row."""
        (sealed,) = self.seal_all(place, organization_id, [(key, row, value)])
        return sealed

    def seal_all(
        self,
        place: SealedColumn,
        organization_id: str,
        values: Sequence[tuple[DataKey, str, bytes]],
    ) -> list[bytes]:
        """Values of a column, each sealed by its key for its row."""
        about = place.about(organization_id, "")
        return [
            VERSION + key.id + nonce + key.cipher.encrypt(nonce, value, about + row.encode())
            for nonce, (key, row, value) in zip(drawn(len(values), _NONCE), values, strict=True)
        ]

    def open(
        self,
        place: SealedColumn,
        organization_id: str,
        row: str,
        sealed: bytes,
        wrapped: bytes | None,
    ) -> bytes:
        """What was sealed for this row, by the wrapped key that comes with it.

        Raises `ValueUnreadable`, and tells of it.
        """
        try:
            return self._opened(place, organization_id, row, sealed, wrapped)
        except ValueUnreadable as unreadable:
            self._on_unreadable(str(unreadable))
            raise

    def _opened(
        self,
        place: SealedColumn,
        organization_id: str,
        row: str,
        sealed: bytes,
        wrapped: bytes | None,
    ) -> bytes:
        head = len(VERSION) + KEY_ID
        if wrapped is None or not sealed.startswith(VERSION):
            raise ValueUnreadable(f"{place.table}.{place.column}: its data key is not there")
        try:
            cipher = self.cipher(organization_id, sealed[len(VERSION) : head], wrapped)
        except ValueUnreadable as lost:
            raise ValueUnreadable(f"{place.table}.{place.column}: {lost}") from lost
        nonce, rest = sealed[head : head + _NONCE], sealed[head + _NONCE :]
        try:
            return cipher.decrypt(nonce, rest, place.about(organization_id, row))
        except (InvalidTag, ValueError):  # the latter of what was cut short
            text = f"{place.table}.{place.column}: it was changed, or belongs elsewhere"
            raise ValueUnreadable(text) from None

    # --- Data keys: made, wrapped, unwrapped ------------------------------------------

    def new_key(self, organization_id: str, subject: str) -> tuple[DataKey, bytes]:
        """A data key for somebody, and how it is kept."""
        (made,) = self.new_keys(organization_id, [subject])
        return made

    def new_keys(
        self, organization_id: str, subjects: Sequence[str]
    ) -> list[tuple[DataKey, bytes]]:
        """A data key for each of these, and how it is kept."""
        made_at = (time.time_ns() // 1_000_000).to_bytes(_TIME, "big")
        ids = [made_at + rest for rest in drawn(len(subjects), KEY_ID - _TIME)]
        keys = drawn(len(subjects), _KEY)
        wrapped = self.keys.wrap(
            [
                (key + _tag(subject), _about_key(organization_id, key_id))
                for key, key_id, subject in zip(keys, ids, subjects, strict=True)
            ]
        )
        data_keys = [DataKey(key_id, AESGCM(key)) for key_id, key in zip(ids, keys, strict=True)]
        return list(zip(data_keys, wrapped, strict=True))

    def wrapped_new(self, organization_id: str, subject: str, key_id: bytes) -> bytes:
        """A data key of this id for somebody, as it is kept; whoever wants it unwraps it."""
        (key,) = drawn(1, _KEY)
        about = _about_key(organization_id, key_id)
        (wrapped,) = self.keys.wrap([(key + _tag(subject), about)])
        return wrapped

    def key_for(self, organization_id: str, subject: str, key_id: bytes, wrapped: bytes) -> DataKey:
        """The data key that is kept for somebody; raises `ValueUnreadable` if it is another's."""
        try:
            plain = self.keys.unwrap(wrapped, about=_about_key(organization_id, key_id))
        except KeyLost as lost:
            self._on_unreadable(str(lost))
            raise ValueUnreadable(str(lost)) from lost
        if plain[_KEY:] != _tag(subject):
            text = "a data key is another person's"
            self._on_unreadable(text)
            raise ValueUnreadable(text)
        return DataKey(key_id, AESGCM(plain[:_KEY]))

    def key_by(self, organization_id: str, sealed: bytes, wrapped: bytes | None) -> DataKey:
        """The data key that a value is sealed by, for more of the same person's.

        Raises `ValueUnreadable`.
        """
        key_id = sealed[len(VERSION) : len(VERSION) + KEY_ID]
        try:
            return DataKey(key_id, self._cipher_there(organization_id, key_id, wrapped))
        except ValueUnreadable as lost:
            self._on_unreadable(str(lost))
            raise

    def _cipher_there(self, organization_id: str, key_id: bytes, wrapped: bytes | None) -> AESGCM:
        if wrapped is None:
            raise ValueUnreadable("its data key is not there")
        return self.cipher(organization_id, key_id, wrapped)

    def rewrapped(self, organization_id: str, key_id: bytes, wrapped: bytes) -> bytes:
        """The same data key, wrapped by the wrapping key in use; raises `KeyLost`."""
        about = _about_key(organization_id, key_id)
        (anew,) = self.keys.wrap([(self.keys.unwrap(wrapped, about=about), about)])
        return anew

    def cipher(self, organization_id: str, key_id: bytes, wrapped: bytes) -> AESGCM:
        """The cipher of a data key; kept for a while, by all of what it is unwrapped from.

        Raises `ValueUnreadable` where its wrapping key is lost, or it is another organization's.
        """
        name, now = organization_id.encode() + key_id + wrapped, self._now()
        kept = self._kept.get(name)
        if kept is not None and now - kept[0] < _KEPT_FOR:
            self._kept.move_to_end(name)
            return kept[1]
        try:
            plain = self.keys.unwrap(wrapped, about=_about_key(organization_id, key_id))
        except KeyLost as lost:
            raise ValueUnreadable(str(lost)) from lost
        self._kept[name] = (now, AESGCM(plain[:_KEY]))
        self._kept.move_to_end(name)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[name][1]


def _about_key(organization_id: str, key_id: bytes) -> bytes:
    return b"data key of " + organization_id.encode() + b"\x00" + key_id


def _tag(subject: str) -> bytes:
    """Whose a key is, wrapped in with it: relabelled, it is nobody's."""
    return hashlib.sha256(b"data key for " + subject.encode()).digest()[:_TAG]
