"""Every random-looking thing, derived from the seed and from names: same seed, same world."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Throws that come out the same for the same seed and the same keys."""

    def __init__(self, seed: int) -> None:
        self._key = seed.to_bytes(16, "big", signed=True)

    def bytes(self, size: int, *keys: object) -> bytes:
        """`size` bytes."""
        text = "\x1f".join(map(str, keys)).encode(errors="surrogatepass")
        return blake2b(text, digest_size=size, key=self._key).digest()

    def number(self, sides: int, *keys: object) -> int:
        """A whole number from 0 up to, not including, `sides`."""
        return int.from_bytes(self.bytes(8, *keys), "big") % sides

    def fraction(self, *keys: object) -> float:
        """A number from 0 up to, not including, 1."""
        return self.number(1 << 52, *keys) / (1 << 52)

    def between(self, low: float, high: float, *keys: object) -> float:
        """A number from `low` to `high`."""
        return low + (high - low) * self.fraction(*keys)

    def pick(self, options: Sequence[T], *keys: object) -> T:
        """One of `options`."""
        return options[self.number(len(options), *keys)]

    def weighted(self, weights: Mapping[str, float], *keys: object) -> str:
        """One of the names, as often as its weight says."""
        mark = self.fraction(*keys) * sum(weights.values())
        for name, weight in weights.items():
            mark -= weight
            if mark < 0:
                return name
        return next(reversed(list(weights)))

    def chance(self, probability: float, *keys: object) -> bool:
        """True as often as `probability` says."""
        return probability > 0 and self.fraction(*keys) < probability

    def token(self, *keys: object) -> str:
        """An opaque id of 22 characters, like Unipile's own."""
        return base64.urlsafe_b64encode(self.bytes(16, *keys)).decode().rstrip("=")

    def digits(self, *keys: object) -> str:
        """An id of 19 digits, like LinkedIn's own."""
        return str(7_000_000_000_000_000_000 + self.number(1 << 60, *keys))
