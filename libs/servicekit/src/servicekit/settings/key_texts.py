"""Keys as people write them: 32 random bytes each, in URL-safe base64, parted by commas or lines.

Pure, and without cryptography: what starts reads them before it loads that.
"""

import base64
from collections.abc import Iterable

KEYS_EXPECTED = "32 random bytes in URL-safe base64"
_KEY_BYTES = 32


def read_keys(lines: Iterable[str]) -> list[bytes]:
    """The keys in their order; raises `ValueError` for none, and where one is none."""
    texts = [text for line in lines for text in line.replace(",", " ").split()]
    try:
        # Without `validate` what is no letter of base64 would be left out of a key.
        keys = [base64.b64decode(text, altchars=b"-_", validate=True) for text in texts]
    except ValueError as error:
        raise ValueError(KEYS_EXPECTED) from error
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise ValueError(KEYS_EXPECTED)
    return keys
