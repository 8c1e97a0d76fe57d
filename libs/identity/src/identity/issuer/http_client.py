"""Asking an issuer over HTTP: for its public keys, and whether a token still stands."""

from __future__ import annotations

import json
import ssl
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import httpx
import jwt
from servicekit.auth import Caller
from servicekit.credentials.certificates import system_authorities
from servicekit.credentials.tls import Tls
from servicekit.errors import Unavailable
from servicekit.identity.key_sources import Keys

_MOST_BYTES = 1024 * 1024
_TIMEOUT = timedelta(seconds=5)


class IssuerUnavailable(Unavailable):
    """Whoever issues tokens does not answer."""

    reason = "ISSUER_UNAVAILABLE"


class IssuerClient:
    """HTTP for the lifetime of a process; an async context manager.

    Over TLS it believes whom the system believes, and the authorities of `tls`, as they are in the
    file then.
    """

    def __init__(
        self, tls: Tls | None = None, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._tls = tls
        self._transport = transport
        self._pair = tls.pair() if tls is not None else None
        self._http = self._new_http()
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._exits.enter_async_context(self._http)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._exits.aclose()

    async def keys(self, url: str) -> Keys:
        """The public keys that are told there, by their ids; raises `IssuerUnavailable`.

        What is no key that is believed is left out, as are symmetric ones and those without an id.
        """
        answer = await self._json(httpx.Request("GET", url))
        listed = answer.get("keys")
        if not isinstance(listed, list):
            raise IssuerUnavailable(f"{url} tells no keys.")
        return {
            key.key_id: key.key
            for key in map(_key, listed)
            if key is not None and key.key_id and key.key_type != "oct"
        }

    async def stands(self, url: str, token: str) -> bool:
        """Whether the issuer says that the token is active; raises `IssuerUnavailable`."""
        answer = await self._json(httpx.Request("POST", url, data={"token": token}))
        return answer.get("active") is True

    def _new_http(self) -> httpx.AsyncClient:
        believed = system_authorities()
        if self._pair is not None:
            believed = ssl.create_default_context()
            believed.load_verify_locations(cadata=self._pair.authorities.decode())
        return httpx.AsyncClient(
            timeout=_TIMEOUT.total_seconds(),
            follow_redirects=False,
            verify=believed,
            transport=self._transport,
        )

    async def _current(self) -> httpx.AsyncClient:
        """The client; a new one once whom it believes has changed."""
        pair = self._tls.pair() if self._tls is not None else None
        if pair is not self._pair:
            self._pair = pair
            # What is under way on the old one ends with it, at the end of the process.
            self._http = await self._exits.enter_async_context(self._new_http())
        return self._http

    async def _json(self, request: httpx.Request) -> dict[str, Any]:
        try:
            response = await (await self._current()).send(request, stream=True)
            try:
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        raise IssuerUnavailable(f"{request.url} answers too much.")
            finally:
                await response.aclose()
            answer = json.loads(body) if response.is_success else None
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise IssuerUnavailable from error
        if not isinstance(answer, dict):
            raise IssuerUnavailable(f"{request.url} answered {response.status_code}.")
        return answer


class AskedStanding:
    """What stands, as the issuer says at this moment."""

    def __init__(self, client: IssuerClient, url: str) -> None:
        self._client = client
        self._url = url

    async def stands(self, token: str, _caller: Caller) -> bool:
        """See `Standing`."""
        return await self._client.stands(self._url, token)


def _key(jwk: Any) -> jwt.PyJWK | None:
    try:
        return jwt.PyJWK.from_dict(jwk)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return None
