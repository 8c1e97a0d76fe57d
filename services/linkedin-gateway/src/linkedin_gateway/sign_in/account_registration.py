"""Registers accounts that their owners have signed in, by whatever way.

Each is looked up at Unipile, registered or refused once, and goes on by itself after an outage
or a crash.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.intake import AccountIntake
from linkedin_gateway.errors import ProviderUnavailable
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account
from linkedin_gateway.sign_in.sign_in_repository import (
    SignInRepository,
    SignInRow,
    SignInState,
    by_link,
)
from linkedin_gateway.unipile import Unipile, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

_KEPT = timedelta(days=30)
_ALIVE = frozenset({"CREATION_SUCCESS", "RECONNECTED", "OK", "SYNC_SUCCESS"})

log = get_logger(__name__)


class AccountRegistration:
    def __init__(
        self,
        repository: SignInRepository,
        accounts: AccountRepository,
        intake: AccountIntake,
        unipile: Unipile,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._accounts = accounts
        self._intake = intake
        self._unipile = unipile
        self._metrics = metrics
        self._clock = clock

    # --- what owners did elsewhere -----------------------------------------------------

    async def on_status(self, unipile_account_id: str, status: str) -> None:
        """Follow what a webhook says of an account that is not registered yet."""
        for sign_in in await self._repository.waiting_for(
            unipile_account_id, now=self._clock.now()
        ):
            if status in _ALIVE:
                await self.look_up(sign_in)
            elif status == "CREATION_FAIL":
                await self._repository.move(sign_in, SignInState.REFUSED, reason=status)

    async def finish_due(self) -> None:
        """Register what was signed in and not registered; look for confirmations in the app."""
        now = self._clock.now()
        for sign_in in await self._repository.signed_in():
            await self._try(self.finish(sign_in))
        for sign_in in await self._repository.in_app(now=now):
            await self._try(self.look_up(sign_in))
        await self._repository.forget(before=now - _KEPT)

    async def _try(self, work: Coroutine[Any, Any, Account | None]) -> None:
        try:
            await work
        except (ServiceError, UnipileError) as error:
            log.warning("sign_in_not_finished", error=str(error))

    async def look_up(self, sign_in: SignInRow) -> Account | None:
        """The account, if its owner has confirmed the sign-in meanwhile.

        Raises `ProviderUnavailable` when Unipile does not answer.
        """
        try:
            seen = await self._unipile.accounts.read(sign_in.unipile_account_id)
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                return None
            raise ProviderUnavailable from error
        return await self.sign_in_passed(sign_in) if seen.status == "OK" else None

    async def sign_in_passed(self, sign_in: SignInRow) -> Account:
        """LinkedIn let the account in: register it."""
        moved = await self._repository.move(sign_in, SignInState.SIGNED_IN)
        return await self.finish_now(moved or replace(sign_in, state=SignInState.SIGNED_IN))

    # --- registering -------------------------------------------------------------------

    async def finish_now(self, sign_in: SignInRow) -> Account:
        """Register the account for a caller who waits for it.

        Raises `ProviderUnavailable` when Unipile does not answer; it is registered later then.
        """
        try:
            return await self.finish(sign_in)
        except UnipileError as error:
            # The account is there and `finish_due` will register it.
            raise ProviderUnavailable from error

    async def finish(self, sign_in: SignInRow) -> Account:
        """Register the account that was signed in, or refuse it once and for all."""
        way = "link" if by_link(sign_in.kind) else "native"
        try:
            account = await self._bind(sign_in)
        except ServiceError as error:
            if not error.retried:
                await self._repository.move(sign_in, SignInState.REFUSED, reason=error.reason)
                self._metrics.sign_ins.labels(way, "refused").inc()
            raise
        if await self._repository.move(sign_in, SignInState.BOUND, account_id=account.account_id):
            self._metrics.sign_ins.labels(way, "bound").inc()
            log.info(
                "account_connected",
                account_id=account.account_id,
                organization_id=account.organization_id,
                way=way,
            )
        return account

    async def _bind(self, sign_in: SignInRow) -> Account:
        if sign_in.account_id:
            account = await self._accounts.read(sign_in.account_id)
            return await self._intake.reconnect(account)
        return await self._intake.connect(
            sign_in.organization_id,
            sign_in.unipile_account_id,
            # Through a link only an account that was made for it can be bound.
            since=sign_in.created_at if by_link(sign_in.kind) else None,
        )
