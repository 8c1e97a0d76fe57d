"""Keys of page tokens for tests."""


class FixedKey:
    """A key that is there."""

    def __init__(self, key: bytes = b"a key of thirty-two bytes or more") -> None:
        self._key = key

    async def get(self) -> bytes:
        return self._key
