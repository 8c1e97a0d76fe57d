"""Prefixed ids that sort by the time they were made: `job_0679cq3k1dtb...`.

After the prefix come 26 characters of Crockford's base 32 in lower case: 11 of
them microseconds since 1970, 15 random (75 bits).
"""

import re
import secrets
import time
from base64 import b32encode

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_CHARACTERS = 11
_RANDOM_CHARACTERS = 15
_RANDOM_BYTES = 10
"""Of which come 16 characters; the last is not taken."""
_OF_RFC_4648 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET.encode())
_PREFIX = re.compile(r"[a-z][a-z0-9]*")
_BODY = re.compile(rf"[{_ALPHABET}]{{1,26}}")


def new_id(prefix: str) -> str:
    """A new id; ids made later sort later. Raises `ValueError` for what is no prefix."""
    (made,) = new_ids(prefix, 1)
    return made


def new_ids(prefix: str, count: int) -> list[str]:
    """New ids of one moment, each of which sorts before the next.

    Raises `ValueError` for what is no prefix.
    """
    if _PREFIX.fullmatch(prefix) is None:
        raise ValueError(f"not a prefix: {prefix!r}")
    begin = f"{prefix}_{_encode(time.time_ns() // 1000, _TIME_CHARACTERS)}"
    drawn = b32encode(secrets.token_bytes(_RANDOM_BYTES * count)).translate(_OF_RFC_4648).decode()
    step = _RANDOM_CHARACTERS + 1
    ends = sorted(drawn[at : at + _RANDOM_CHARACTERS] for at in range(0, step * count, step))
    return [begin + end for end in ends]


def has_prefix(value: str, prefix: str) -> bool:
    """Whether `value` is an id of this prefix, as `new_id` makes them."""
    found, _, body = value.partition("_")
    return found == prefix and _BODY.fullmatch(body) is not None


def _encode(number: int, characters: int) -> str:
    digits = []
    for _ in range(characters):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
