"""Slots that are given by chance, so that the order can be compared with it. Pure.

Chance is a hash of the lead under its program: nobody can draw twice, and who is drawn does not
depend on how they rank.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

_BYTES = 8
_ALL = 1 << (8 * _BYTES)


def drawn(program_id: str, lead_ids: Iterable[str]) -> list[str]:
    """The leads in the order of chance."""
    key = program_id.encode()[:64]
    return sorted(lead_ids, key=lambda each: (_hash(each, key), each))


def exploration_slots(slots: int, share: float, *, program_id: str, day: str) -> int:
    """How many of so many slots are chance's: the share, its fraction by the day's own chance.

    Of 15 slots 12 % are 1.8: on four days of five 2, else 1; more slots are never fewer of these.
    """
    if not 0.0 < share <= 1.0:
        return 0
    turn = _hash(day, program_id.encode()[:64]) / _ALL
    return min(slots, int(slots * share + turn))


def _hash(text: str, key: bytes) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=_BYTES, key=key).digest(), "big")
