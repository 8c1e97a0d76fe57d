"""Payloads that only who has the key can read: AES-256-GCM, each with the id of its key.

Workflows of ours carry ids, so nothing is sealed unless `TEMPORAL_PAYLOADS_SEALED` says so; what
is sealed opens wherever its key is among `TEMPORAL_PAYLOAD_KEYS`. A key is changed by overlap:
the new one is added behind the old one everywhere, then put first, then the old one is taken
away once no history needs it. Search attributes, ids and titles of Temporal stay as they are.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from servicekit.credentials.secrets import Secret
from servicekit.settings.key_texts import read_keys
from servicekit.settings.refusals import Refusal, require_none
from servicekit.settings.temporal_settings import (
    PAYLOAD_KEYS,
    PAYLOAD_KEYS_FILE,
    PAYLOADS_SEALED,
    payload_keys,
    temporal_refusals,
)

ENCODING = b"binary/sealed"
_ENCODING, _KEY_ID = "encoding", "key-id"
_NONCE = 12


class PayloadUnreadable(ValueError):
    """A payload is sealed by a key that is not configured, or was changed."""


class SealedPayloads(PayloadCodec):
    """Opens what is sealed, and seals what is written if it is told to."""

    def __init__(self, keys: Secret, *, seals: bool) -> None:
        self._secret, self._seals = keys, seals
        self._lines: Sequence[str] | None = None
        self._keys: dict[bytes, AESGCM] = {}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads, sealed by the first key."""
        if not self._seals:
            return list(payloads)
        key_id, cipher = next(iter(self._by_id().items()))
        return [_sealed(each, key_id, cipher) for each in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads as they were; one that was never sealed stays as it is.

        Raises `PayloadUnreadable` for one whose key is not there, or that was changed.
        """
        return [self._opened(each) for each in payloads]

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get(_ENCODING) != ENCODING:
            return payload
        key_id = payload.metadata[_KEY_ID]
        cipher = self._by_id().get(key_id)
        if cipher is None:
            raise PayloadUnreadable(f"the key {key_id.decode()} is not configured")
        nonce, sealed = payload.data[:_NONCE], payload.data[_NONCE:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, key_id))
        except (InvalidTag, ValueError):  # the latter of what was cut short
            raise PayloadUnreadable("the payload was changed") from None

    def _by_id(self) -> dict[bytes, AESGCM]:
        lines = self._secret.all()
        if lines != self._lines:
            self._keys, self._lines = payload_keys(lines, AESGCM), lines
        return self._keys


def payload_codec(environ: Mapping[str, str] = os.environ) -> PayloadCodec | None:
    """What the environment asks for; None where it names no keys.

    Raises `SettingsRefused` for what are no keys, and for sealing without any.
    """
    require_none(_of_payloads(environ))
    path = environ.get(PAYLOAD_KEYS_FILE)
    secret = (
        Secret.in_file(Path(path), check=read_keys)
        if path
        else Secret.of(environ.get(PAYLOAD_KEYS, ""))
    )
    if not secret:
        return None
    return SealedPayloads(secret, seals=environ.get(PAYLOADS_SEALED, "").lower() == "true")


def _of_payloads(environ: Mapping[str, str]) -> Iterator[Refusal]:
    names = {PAYLOAD_KEYS, PAYLOAD_KEYS_FILE, PAYLOADS_SEALED}
    return (each for each in temporal_refusals(environ) if each.setting in names)


def _sealed(payload: Payload, key_id: bytes, cipher: AESGCM) -> Payload:
    nonce = os.urandom(_NONCE)
    data = nonce + cipher.encrypt(nonce, payload.SerializeToString(), key_id)
    return Payload(metadata={_ENCODING: ENCODING, _KEY_ID: key_id}, data=data)
