"""Prefixed ids that sort by the time they were made: `job_0679cq3k1dtb...`.

After the prefix come 26 characters of Crockford's base 32 in lower case: 11 of
them microseconds since 1970, 15 random (75 bits).
"""

import re
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_CHARACTERS = 11
_RANDOM_CHARACTERS = 15
_PREFIX = re.compile(r"[a-z][a-z0-9]*")
_BODY = re.compile(rf"[{_ALPHABET}]{{1,26}}")


def new_id(prefix: str) -> str:
    """A new id; ids made later sort later. Raises `ValueError` for what is no prefix."""
    if _PREFIX.fullmatch(prefix) is None:
        raise ValueError(f"not a prefix: {prefix!r}")
    made_at = _encode(time.time_ns() // 1000, _TIME_CHARACTERS)
    return f"{prefix}_{made_at}{_encode(secrets.randbits(75), _RANDOM_CHARACTERS)}"


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
