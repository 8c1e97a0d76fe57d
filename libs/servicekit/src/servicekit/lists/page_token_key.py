"""The key that page tokens are signed by: in the database, so that every replica has the same."""

from servicekit.postgres.pool import Pool

_KEY = "SELECT key FROM page_token_keys"
CREATE = """
CREATE TABLE IF NOT EXISTS page_token_keys (
    -- One row: a token is signed by the one key there is, whichever replica gives it out.
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    key bytea NOT NULL CHECK (length(key) >= 32)
);
INSERT INTO page_token_keys (key)
SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
    ON CONFLICT DO NOTHING;
"""
"""For the migration of whoever lists, whose `NOBODYS` and `PRIVILEGES` name the table too.

Safe to repeat.
"""
TABLE = "page_token_keys"
WHY_NOBODYS = "one key signs the page tokens of every organization"


class PageTokenKey:
    """Read once, when the first token is given out or read."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._key = b""

    async def get(self) -> bytes:
        if not self._key:
            self._key = bytes(await self._pool.fetchval(_KEY))
        return self._key
