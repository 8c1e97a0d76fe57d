"""Page tokens: a position in a list, as callers carry it from page to page.

A token is opaque, and signed together with what was asked: another list, filter, order or
organization does not know it, and nobody makes one. It is no secret: what it holds can be read by
whoever has seen the row that it stands behind. What comes back went through an encoding, so that
no check of the request has seen it.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

Part = str | int | float

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST_TOKEN = 4096
_MAC_BYTES = 16


class PageTokenForeign(ValueError):
    """It is not a token that this list gave out, so asked."""


class TokenKeySource(Protocol):
    """Where the key comes from that every replica signs by."""

    async def get(self) -> bytes: ...


class PageTokens:
    """Gives out tokens and reads them back; `of` says which list was asked, and what for."""

    def __init__(self, key: TokenKeySource) -> None:
        self._key = key

    async def give(self, parts: Sequence[Part], *, of: Sequence[str]) -> str:
        """The token of a position."""
        held = json.dumps(list(parts), separators=(",", ":")).encode()
        signed = _mac(await self._key.get(), of, held) + held
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")

    async def read(self, token: str, *, of: Sequence[str]) -> Sequence[Part]:
        """The parts of the position in a token.

        Raises `PageTokenForeign` if this list did not give it out, asked as it is.
        """
        try:
            padded = token[:_LONGEST_TOKEN] + "=" * (-len(token) % 4)
            signed = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
        except ValueError as error:
            raise PageTokenForeign from error
        mac, held = signed[:_MAC_BYTES], signed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(await self._key.get(), of, held)):
            raise PageTokenForeign
        return _parts(held)


def instant_of(part: Part) -> datetime:
    """The instant that a part of a position is; raises `PageTokenForeign` if it is none."""
    try:
        instant = datetime.fromisoformat(str(part))
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PageTokenForeign from error
    raise PageTokenForeign


def _mac(key: bytes, of: Sequence[str], held: bytes) -> bytes:
    # Escaped and in quotation marks: no two lists of texts are the same text.
    asked = json.dumps(list(of)).encode()
    return hmac.digest(key, asked + b"\n" + held, hashlib.sha256)[:_MAC_BYTES]


def _parts(held: bytes) -> Sequence[Part]:
    try:
        parts = json.loads(held, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise PageTokenForeign from error
    if not isinstance(parts, list) or not all(map(_can_be_stored, parts)):
        raise PageTokenForeign
    return parts


def _can_be_stored(part: object) -> bool:
    if isinstance(part, str):
        return _UNSTORABLE.search(part) is None
    return isinstance(part, int | float) and not isinstance(part, bool) and abs(part) < 2**63


def _refuse(name: str) -> None:
    raise ValueError(name)
