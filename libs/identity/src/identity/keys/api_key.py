"""What an API key looks like: `outreach_PREFIX_SECRETCHECKSUM`. Pure but for its randomness.

The prefix finds the row. The checksum tells a key that was cut off or mistyped, and what only
looks like one, before anybody is asked. The secret has 260 random bits, so that its SHA-256 may be
kept as it is.
"""

import hashlib
import hmac
import re
import secrets
import zlib

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PREFIX, _SECRET, _CHECKSUM = 10, 52, 7
_SHAPE = re.compile(
    rf"(outreach_[{_ALPHABET}]{{{_PREFIX}}})_([{_ALPHABET}]{{{_SECRET}}})([{_ALPHABET}]{{{_CHECKSUM}}})"
)


def new_key() -> tuple[str, str]:
    """A new key, and its prefix."""
    prefix = f"outreach_{_random(_PREFIX)}"
    body = f"{prefix}_{_random(_SECRET)}"
    return body + _checksum(body), prefix


def prefix_of(key: str) -> str | None:
    """The prefix of what may be a key; None for what is certainly none."""
    shape = _SHAPE.fullmatch(key)
    if shape is None or _checksum(key[:-_CHECKSUM]) != shape[3]:
        return None
    return shape[1]


def hash_of(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).digest()


def is_hash_of(key: str, kept: bytes) -> bool:
    """Whether that is what was kept of the key; takes as long for a wrong one."""
    return hmac.compare_digest(hash_of(key), kept)


def _random(characters: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(characters))


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_CHECKSUM)))
