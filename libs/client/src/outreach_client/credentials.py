"""The API key of this machine's user, and the tokens that it is exchanged for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

import grpc
from outreach.identity.v1 import token_service_pb2 as pb
from outreach.identity.v1.token_service_pb2_grpc import TokenServiceStub
from servicekit.auth import TokenInvalid
from servicekit.errors import ServiceError, Unauthenticated
from servicekit.telemetry import logs

from outreach_client.errors import refined
from outreach_client.settings import Settings

T = TypeVar("T")

_LEAST_PAUSE = timedelta(seconds=5)

log = logs.get_logger(__name__)


def api_key_of(settings: Settings) -> str:
    """The key that is set, or the one that `outreach login` has kept; "" without any.

    Raises `OSError` for a file that is set and cannot be read, `ValueError` for one that is none
    of text.
    """
    if settings.api_key is not None:
        return settings.api_key.get_secret_value()
    if settings.api_key_file is not None:
        return _line_of(settings.api_key_file)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return _line_of(settings.credentials)
    return ""


def given_token(settings: Settings) -> Callable[[], str] | None:
    """The token that is set, or what its file says whenever it is asked for; None without any."""
    if settings.token is not None:
        return settings.token.get_secret_value
    path = settings.token_file
    if path is None:
        return None
    return lambda: _line_of(path)


def _line_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8") from error


def keep_api_key(path: Path, key: str) -> None:
    """Keep the key where only this user reads it; raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    made.touch(mode=0o600)
    made.write_text(f"{key}\n")
    made.replace(path)


class Tokens(Protocol):
    """Tokens that can be exchanged for new ones."""

    def __call__(self) -> str:
        """The token of now."""

    async def renew(self, refused: str) -> None:
        """Have another token than the one that was refused."""


async def known(ask: Callable[[], Awaitable[T]], tokens: Tokens | None) -> T:
    """The answer to a call, which is made once more, with a new token, if its own was refused.

    Of whoever is not known nothing was done. Raises what the call does, and what the exchange does.
    """
    shown = tokens() if tokens is not None else ""
    try:
        return await ask()
    except Unauthenticated as refused:
        if tokens is None or not token_refused(refused):
            raise
        await tokens.renew(shown)
    return await ask()


def token_refused(refused: Unauthenticated) -> bool:
    """Whether it was for the token, and not for the API key that is exchanged for one."""
    return refused.reason == TokenInvalid.reason


class ExchangedTokens:
    """A token of an API key, renewed at half its life while the block runs.

    Entering raises what the first exchange does; a later one that fails is tried again, and calls
    carry the old token until it is refused. One that is refused is exchanged at once: a machine
    that has slept through its end, or an issuer whose key was replaced, ends nobody's calls.
    """

    def __init__(self, channel: grpc.aio.Channel, api_key: str) -> None:
        self._tokens = TokenServiceStub(channel)
        self._request = pb.CreateTokenRequest(api_key=api_key)
        self._token = ""
        self._renewing: asyncio.Task[None] | None = None
        self._exchanging = asyncio.Lock()

    def __call__(self) -> str:
        """The token of now."""
        return self._token

    async def __aenter__(self) -> Self:
        life = await self._exchange()
        self._renewing = asyncio.create_task(self._renew(life))
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})

    async def renew(self, refused: str) -> None:
        """Have another token than the one that was refused; raises what the exchange does."""
        async with self._exchanging:
            # Of many calls that were refused at once the first one exchanges.
            if self._token == refused:
                await self._exchange()

    async def _exchange(self) -> timedelta:
        """How long the new token lives."""
        with refined():
            answer = await self._tokens.CreateToken(self._request)
        self._token = answer.token
        return answer.expire_time.ToDatetime(UTC) - datetime.now(UTC)

    async def _renew(self, life: timedelta) -> None:
        while True:
            # A clock of ours that is ahead makes of it no flood.
            await asyncio.sleep(max(life / 2, _LEAST_PAUSE).total_seconds())
            try:
                life = await self._exchange()
            except ServiceError as error:
                log.warning("token_not_renewed", reason=error.reason)
                life = _LEAST_PAUSE
