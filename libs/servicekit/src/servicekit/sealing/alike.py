"""Values that are sealed so that the same one is the same text each time: by it rows are found.

AES-SIV (RFC 5297) by a key of each organization, which follows from the hash key: the text is a
keyed hash of the value and the value in one. Statements compare, join and merge by it as they
would by the value, and whoever has not the key sees no more than which of them are equal. It is
not bound to a row, for it is to be equal to the same value elsewhere.
"""

import base64
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from servicekit.sealing.hashes import KeyedHashes

ALIKE = "s1:"
"""How each begins. No id of ours, and none that a provider gives, does."""
_KEPT = 20_000
"""Values remembered in either direction: to seal one takes as long as ten look-ups."""
_PURPOSE = "values that are sealed alike"


def is_sealed(text: str) -> bool:
    """Whether a text is such a value. What was read and still is one did not open."""
    return text.startswith(ALIKE)


class AlikeValues:
    """Seals and opens them, for a process."""

    def __init__(self, hashes: KeyedHashes) -> None:
        self._of = lru_cache(maxsize=1024)(
            lambda organization: AESSIV(hashes.key_of(organization, _PURPOSE, blocks=2))
        )
        self.sealed = lru_cache(maxsize=_KEPT)(self._sealed)
        self.opened = lru_cache(maxsize=_KEPT)(self._opened)

    def _sealed(self, organization_id: str, value: str) -> str:
        sealed = self._of(organization_id).encrypt(value.encode(), None)
        return ALIKE + base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def _opened(self, organization_id: str, kept: str) -> str | None:
        """The value; None where it does not open."""
        text = kept.removeprefix(ALIKE)
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return self._of(organization_id).decrypt(sealed, None).decode()
        except (InvalidTag, ValueError):
            return None
