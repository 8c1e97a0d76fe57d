"""By what sealed values are found: hashes that nobody can make who has not the key."""

import hashlib
import hmac
from functools import lru_cache

_BYTES = 16
"""Of 10^12 values no two alike are to be expected."""


class KeyedHashes:
    """HMAC-SHA256, by a key of each organization; the same value is found by the same hash."""

    def __init__(self, key: bytes) -> None:
        self._of = lru_cache(maxsize=1024)(lambda organization: _derived(key, organization))

    def hashed(self, organization_id: str, kind: str, value: str) -> str:
        """The hash of a value of this kind (`person`, `company`), 32 hexadecimal digits."""
        own = self._of(organization_id)
        return hmac.digest(own, f"{kind}\n{value}".encode(), "sha256")[:_BYTES].hex()


def _derived(key: bytes, organization_id: str) -> bytes:
    # One block of HKDF-Expand: the key is random, so nothing is to be extracted.
    info = b"keyed hashes of " + organization_id.encode() + b"\x01"
    return hmac.digest(key, info, hashlib.sha256)
