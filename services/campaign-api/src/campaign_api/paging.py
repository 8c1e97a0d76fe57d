"""Pages of lists that are neither filtered nor ordered: where the next one begins."""

from collections.abc import Sequence
from datetime import datetime

from servicekit.lists.errors import PageTokenInvalid
from servicekit.page_tokens import PageTokenForeign, PageTokens, Part, instant_of

Position = tuple[datetime, str]
"""The time and the id of a row."""


class Pages:
    """Tokens that name a row of a list; `of` is the list, and what it was asked for."""

    def __init__(self, tokens: PageTokens) -> None:
        self._tokens = tokens

    async def number(self, token: str, *, of: Sequence[str]) -> int | None:
        """The number of the row before; None where there is no token.

        Raises `PageTokenInvalid` if this list did not give it out.
        """
        parts = await self._read(token, of=of)
        if parts is None:
            return None
        if len(parts) != 1 or not isinstance(parts[0], int):
            raise PageTokenInvalid
        return parts[0]

    async def position(self, token: str, *, of: Sequence[str]) -> Position | None:
        """The position of the row before; None where there is no token.

        Raises `PageTokenInvalid` if this list did not give it out.
        """
        parts = await self._read(token, of=of)
        if parts is None:
            return None
        try:
            at, row_id = parts
            return instant_of(at), str(row_id)
        except ValueError:
            raise PageTokenInvalid from None

    async def after(self, row: int | Position | None, *, of: Sequence[str]) -> str:
        """The token of the page behind a row; empty where there is no such page."""
        match row:
            case None:
                return ""
            case int(number):
                return await self._tokens.give([number], of=of)
            case (at, row_id):
                return await self._tokens.give([at.isoformat(), row_id], of=of)

    async def _read(self, token: str, *, of: Sequence[str]) -> Sequence[Part] | None:
        if not token:
            return None
        try:
            return await self._tokens.read(token, of=of)
        except PageTokenForeign:
            raise PageTokenInvalid from None
