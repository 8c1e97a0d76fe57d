"""The API key of this machine's user, and the tokens that it is exchanged for."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
from outreach.identity.v1 import token_service_pb2 as pb
from outreach.identity.v1.token_service_pb2_grpc import TokenServiceStub
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from outreach_client.settings import Settings

_LEAST_PAUSE = timedelta(seconds=5)

log = logs.get_logger(__name__)


def api_key_of(settings: Settings) -> str:
    """The key that is set, or the one that `outreach login` has kept; "" without any.

    Raises `OSError` for a file that is set and cannot be read.
    """
    if settings.api_key is not None:
        return settings.api_key.get_secret_value()
    if settings.api_key_file is not None:
        return settings.api_key_file.read_text().strip()
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return settings.credentials.read_text().strip()
    return ""


def keep_api_key(path: Path, key: str) -> None:
    """Keep the key where only this user reads it; raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    made.touch(mode=0o600)
    made.write_text(f"{key}\n")
    made.replace(path)


class ExchangedTokens:
    """A token of an API key, renewed at half its life while the block runs.

    Entering raises what the first exchange does; a later one that fails is tried again, and calls
    carry the old token until it is refused.
    """

    def __init__(self, channel: grpc.aio.Channel, api_key: str) -> None:
        self._tokens = TokenServiceStub(channel)
        self._request = pb.CreateTokenRequest(api_key=api_key)
        self._token = ""
        self._renewing: asyncio.Task[None] | None = None

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

    async def _exchange(self) -> timedelta:
        """How long the new token lives."""
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
