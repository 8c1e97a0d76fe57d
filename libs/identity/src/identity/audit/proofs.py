"""Signatures of services under what they record: ES256, with the keys by which they call others."""

import functools

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from servicekit.identity.identity import Identity
from servicekit.identity.key_files import ServiceKey, key_id

_ES256 = ec.ECDSA(hashes.SHA256())
_KEY_ID_BYTES = 16


class Proofs:
    """Signs as this service, and knows what others have signed.

    A proof begins with the id of its key. Without keys, in the sandbox, there are none.
    """

    def __init__(self, identity: Identity) -> None:
        self._signing = identity.signing
        self._services = identity.services

    @property
    def required(self) -> bool:
        """Whether services have keys here, so that what is not signed is nobody's."""
        return self._services is not None

    @property
    def services(self) -> frozenset[str]:
        """Those of ours whose keys are known."""
        if self._services is None:
            return frozenset()
        return frozenset(each.service for each in self._services.get().values())

    @property
    def key_id(self) -> str:
        """Of the key that is signed with now; empty without one."""
        return _id_of(self._signing.get()) if self._signing is not None else ""

    def sign(self, data: bytes) -> bytes:
        """A proof that this service has made the data; empty without a key."""
        if self._signing is None:
            return b""
        key = self._signing.get()
        return bytes.fromhex(_id_of(key)) + key.sign(data, _ES256)

    def knows(self, proof: bytes) -> bool:
        """Whether the key of a proof is known; one that was replaced is not any more."""
        return self._key(proof) is not None

    def holds(self, data: bytes, proof: bytes, *, by: str) -> bool:
        """Whether this service of ours has made the data."""
        found = self._key(proof)
        if found is None or found.service != by:
            return False
        try:
            found.key.verify(proof[_KEY_ID_BYTES:], data, _ES256)
        except InvalidSignature:
            return False
        return True

    def _key(self, proof: bytes) -> ServiceKey | None:
        if self._services is None:
            return None
        return self._services.get().get(proof[:_KEY_ID_BYTES].hex())


@functools.lru_cache(maxsize=8)
def _id_of(key: ec.EllipticCurvePrivateKey) -> str:
    return key_id(key.public_key())
