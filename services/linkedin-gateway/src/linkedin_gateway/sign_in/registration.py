"""Accounts that their owners have signed in, on their way into our care.

Whatever way they came, each is asked about at Unipile, registered or refused once, and goes
on by itself after an outage or a crash.
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
from linkedin_gateway.accounts.accounts import Accounts
from linkedin_gateway.errors import ProviderUnavailable
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account
from linkedin_gateway.sign_in.sign_in_repository import (
    LINK,
    SignInRepository,
    SignInRow,
    SignInState,
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
        account_repository: AccountRepository,
        accounts: Accounts,
        unipile: Unipile,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._account_repository = account_repository
        self._accounts = accounts
        self._unipile = unipile
        self._metrics = metrics
        self._clock = clock

    # --- what owners did elsewhere -----------------------------------------------------

    async def heard(self, unipile_account_id: str, status: str) -> None:
        """A webhook told of an account that is not registered, or is not well."""
        for sign_in in await self._repository.waiting_for(
            unipile_account_id, now=self._clock.now()
        ):
            if status in _ALIVE:
                await self.looked(sign_in)
            elif status == "CREATION_FAIL":
                await self._repository.move(sign_in, SignInState.REFUSED, reason=status)

    async def finish_due(self) -> None:
        """Register what was signed in and not registered; look for confirmations in the app."""
        now = self._clock.now()
        for sign_in in await self._repository.signed_in():
            await self._tried(self.finish(sign_in))
        for sign_in in await self._repository.in_app(now=now):
            await self._tried(self.looked(sign_in))
        await self._repository.forget(before=now - _KEPT)

    async def _tried(self, work: Coroutine[Any, Any, Account | None]) -> None:
        try:
            await work
        except (ServiceError, UnipileError) as error:
            log.warning("sign_in_not_finished", error=str(error))

    async def looked(self, sign_in: SignInRow) -> Account | None:
        """The account, if its owner has confirmed the sign-in meanwhile."""
        try:
            seen = await self._unipile.accounts.read(sign_in.unipile_account_id)
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                return None
            raise ProviderUnavailable from error
        return await self.passed(sign_in) if seen.status == "OK" else None

    async def passed(self, sign_in: SignInRow) -> Account:
        """LinkedIn let the account in: register it."""
        moved = await self._repository.move(sign_in, SignInState.SIGNED_IN)
        return await self.finished(moved or replace(sign_in, state=SignInState.SIGNED_IN))

    # --- registering -------------------------------------------------------------------

    async def finished(self, sign_in: SignInRow) -> Account:
        """Register the account for a caller who waits for it."""
        try:
            return await self.finish(sign_in)
        except UnipileError as error:
            # The account is there and `finish_due` will register it.
            raise ProviderUnavailable from error

    async def finish(self, sign_in: SignInRow) -> Account:
        """Register the account that was signed in, or refuse it once and for all."""
        way = "link" if sign_in.kind == LINK else "native"
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
            account = await self._account_repository.read(sign_in.account_id)
            return await self._accounts.reconnected(account)
        return await self._accounts.connected(
            sign_in.organization_id,
            sign_in.unipile_account_id,
            # Through a link only an account that was made for it can be bound.
            since=sign_in.created_at if sign_in.kind == LINK else None,
        )
