"""Owners who connect an account: on a page at Unipile, or through us with their credentials.

Nobody can bind an account that they did not just connect: a link's token is ours, works once
and only in its time, and Unipile is asked about the account before it is registered. What an
owner has done is kept before it is answered, so that a crash or an outage only delays it.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from servicekit.auth import Caller
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.logs import get_logger

from linkedin_gateway.account_repository import AccountRepository
from linkedin_gateway.accounts import Accounts
from linkedin_gateway.errors import (
    AccountUnknownToProvider,
    CheckpointExpired,
    CheckpointUnsolvable,
    NotReachableFromOutside,
    ProviderUnavailable,
)
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account
from linkedin_gateway.provider_errors import ErrorClass
from linkedin_gateway.sign_in_errors import SOLVABLE, instruction, refusal
from linkedin_gateway.sign_in_repository import (
    DIRECT,
    IN_APP,
    LINK,
    SignInRepository,
    SignInRow,
    SignInState,
)
from linkedin_gateway.unipile import CheckpointSeen, SignedIn, SignIn, Unipile, UnipileError
from linkedin_gateway.webhook_registration import Destination

CHECKPOINT_LIVES = timedelta(minutes=5)
"""So long Unipile remembers a sign-in that is not finished."""
LINK_LIVES = timedelta(hours=1)
LONGEST_LINK = timedelta(days=1)
_LATE = timedelta(minutes=15)
"""An owner who began in time may finish so much later."""
_KEPT = timedelta(days=30)
_ALIVE = frozenset({"CREATION_SUCCESS", "RECONNECTED", "OK", "SYNC_SUCCESS"})

T = TypeVar("T")

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page at Unipile on which an owner signs in."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A checkpoint that the owner has to pass first."""

    checkpoint_id: str
    kind: str
    description: str


class SignIns:
    def __init__(
        self,
        repository: SignInRepository,
        account_repository: AccountRepository,
        accounts: Accounts,
        unipile: Unipile,
        metrics: Metrics,
        clock: Clock,
        *,
        destination: Destination,
        api_url: str,
    ) -> None:
        self._repository = repository
        self._account_repository = account_repository
        self._accounts = accounts
        self._unipile = unipile
        self._metrics = metrics
        self._clock = clock
        self._destination = destination
        self._api_url = api_url
        self._under_way: set[asyncio.Task[Any]] = set()

    # --- links -------------------------------------------------------------------------

    async def link(
        self,
        organization_id: str,
        account: Account | None,
        *,
        success_url: str,
        failure_url: str,
        valid_for: timedelta,
    ) -> Link:
        """A page for a new account of the organization, or for one that it has."""
        if not self._destination.public_url:
            raise NotReachableFromOutside
        token, now = secrets.token_urlsafe(32), self._clock.now()
        expires_at = now + valid_for
        await self._repository.add(
            SignInRow(
                token_hash=_hash(token),
                organization_id=organization_id,
                account_id=account.account_id if account else "",
                unipile_account_id=account.unipile_account_id if account else "",
                kind=LINK,
                state=SignInState.OPEN,
                created_at=now,
                expires_at=expires_at + _LATE,
            )
        )
        try:
            url = await self._unipile.sign_ins.link(
                api_url=self._api_url,
                expires_at=expires_at,
                reconnect=account.unipile_account_id if account else "",
                name=token,
                notify_url=f"{self._destination.url}/connected",
                success_url=success_url,
                failure_url=failure_url,
            )
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                raise AccountUnknownToProvider from error
            raise ProviderUnavailable from error
        return Link(url=url, expires_at=expires_at)

    async def called_back(self, body: Mapping[str, Any]) -> bool:
        """Unipile tells that the owner is done; False for a token that is not good for it.

        Told again, nothing happens again. What can only be found out at Unipile is found out
        afterwards, if need be by `finish_due`.
        """
        token, unipile_account_id = body.get("name"), body.get("account_id")
        if not (isinstance(token, str) and isinstance(unipile_account_id, str)):
            return False
        if not unipile_account_id:
            return False
        claimed = await self._repository.claim(
            _hash(token), unipile_account_id, now=self._clock.now()
        )
        if claimed is None:
            known = await self._repository.read(_hash(token))
            used = known is not None and known.kind == LINK and known.state is not SignInState.OPEN
            if known is not None and used and known.unipile_account_id == unipile_account_id:
                return True
            log.warning("connect_callback_refused", unipile_account_id=unipile_account_id)
            return False
        try:
            await self._finish(claimed)
        except ServiceError as error:
            log.warning("connected_account_refused", reason=error.reason)
        except UnipileError as error:
            log.warning("connected_account_not_seen_yet", error=str(error))
        return True

    # --- credentials -------------------------------------------------------------------

    async def connect(
        self, organization_id: str, account: Account | None, given: SignIn
    ) -> Account | Pending:
        """Sign in with credentials; to its end even if the caller leaves."""
        return await self._to_its_end(self._connect(organization_id, account, given))

    async def _connect(
        self, organization_id: str, account: Account | None, given: SignIn
    ) -> Account | Pending:
        reconnect = account.unipile_account_id if account else ""
        try:
            answer = await self._unipile.sign_ins.begin(given, reconnect=reconnect)
        except UnipileError as error:
            raise self._refused(error, solving=False) from None
        now = self._clock.now()
        return await self._answered(
            answer,
            SignInRow(
                token_hash="",
                organization_id=organization_id,
                account_id=account.account_id if account else "",
                unipile_account_id=reconnect or answer.unipile_account_id,
                kind=DIRECT,
                state=SignInState.OPEN,
                created_at=now,
                expires_at=now + CHECKPOINT_LIVES,
            ),
        )

    async def solve(self, checkpoint_id: str, code: str, *, caller: Caller) -> Account | Pending:
        """Answer a checkpoint; one that is confirmed in LinkedIn's app needs no code."""
        sign_in = await self._repository.read(_hash(checkpoint_id))
        if sign_in is None or sign_in.kind not in SOLVABLE:
            raise CheckpointExpired
        if not caller.acts_for(sign_in.organization_id):
            raise CheckpointExpired
        if sign_in.state is SignInState.BOUND:
            return await self._account_repository.read(sign_in.account_id)
        if sign_in.state is SignInState.SIGNED_IN:
            return await self._finished(sign_in)
        if sign_in.state is not SignInState.OPEN or sign_in.expires_at <= self._clock.now():
            raise CheckpointExpired
        if not code and sign_in.kind == IN_APP:
            bound = await self._looked(sign_in)
            return bound or _pending(checkpoint_id, sign_in.kind)
        return await self._to_its_end(self._solve(sign_in, code))

    async def _solve(self, sign_in: SignInRow, code: str) -> Account | Pending:
        try:
            answer = await self._unipile.sign_ins.solve(sign_in.unipile_account_id, code)
        except UnipileError as error:
            raise self._refused(error, solving=True) from None
        if isinstance(answer, SignedIn):
            return await self._passed(sign_in)
        await self._repository.move(sign_in, SignInState.REPLACED)
        return await self._answered(answer, sign_in)

    async def _answered(
        self, answer: SignedIn | CheckpointSeen, sign_in: SignInRow
    ) -> Account | Pending:
        """Remember what came of showing credentials."""
        token = f"chk_{secrets.token_urlsafe(24)}"
        if isinstance(answer, SignedIn):
            signed_in = replace(sign_in, token_hash=_hash(token), state=SignInState.SIGNED_IN)
            await self._repository.add(signed_in)
            return await self._finished(signed_in)
        if answer.kind not in SOLVABLE:
            self._metrics.sign_ins.labels("native", "unsolvable").inc()
            raise CheckpointUnsolvable(
                f"LinkedIn asks for {answer.kind or 'a checkpoint'}, which cannot be passed here;"
                " use a connect link."
            )
        # The time Unipile remembers runs from the first checkpoint on.
        await self._repository.add(replace(sign_in, token_hash=_hash(token), kind=answer.kind))
        self._metrics.sign_ins.labels("native", "checkpoint").inc()
        return _pending(token, answer.kind, answer.source, answer.options)

    def _refused(self, error: UnipileError, *, solving: bool) -> ServiceError:
        told = refusal(error.error_type, solving=solving)
        self._metrics.sign_ins.labels("native", "refused").inc()
        log.info("sign_in_refused", reason=told.reason, error=str(error))
        return told

    # --- what owners did elsewhere -----------------------------------------------------

    async def heard(self, unipile_account_id: str, status: str) -> None:
        """A webhook told of an account that is not registered, or is not well."""
        for sign_in in await self._repository.waiting_for(
            unipile_account_id, now=self._clock.now()
        ):
            if status in _ALIVE:
                await self._looked(sign_in)
            elif status == "CREATION_FAIL":
                await self._repository.move(sign_in, SignInState.REFUSED, reason=status)

    async def finish_due(self) -> None:
        """Register what was signed in and not registered; look for confirmations in the app."""
        now = self._clock.now()
        for sign_in in await self._repository.signed_in():
            await self._tried(self._finish(sign_in))
        for sign_in in await self._repository.in_app(now=now):
            await self._tried(self._looked(sign_in))
        await self._repository.forget(before=now - _KEPT)

    async def _tried(self, work: Coroutine[Any, Any, Account | None]) -> None:
        try:
            await work
        except (ServiceError, UnipileError) as error:
            log.warning("sign_in_not_finished", error=str(error))

    async def _looked(self, sign_in: SignInRow) -> Account | None:
        """The account, if its owner has confirmed the sign-in meanwhile."""
        try:
            seen = await self._unipile.accounts.read(sign_in.unipile_account_id)
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                return None
            raise ProviderUnavailable from error
        return await self._passed(sign_in) if seen.status == "OK" else None

    async def _passed(self, sign_in: SignInRow) -> Account:
        moved = await self._repository.move(sign_in, SignInState.SIGNED_IN)
        return await self._finished(moved or replace(sign_in, state=SignInState.SIGNED_IN))

    # --- registering -------------------------------------------------------------------

    async def _finished(self, sign_in: SignInRow) -> Account:
        try:
            return await self._finish(sign_in)
        except UnipileError as error:
            # The account is there and `finish_due` will register it.
            raise ProviderUnavailable from error

    async def _finish(self, sign_in: SignInRow) -> Account:
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

    # --- leaving -----------------------------------------------------------------------

    async def drain(self) -> None:
        """Wait until nobody is being signed in by us."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        """Go on if the caller leaves: what LinkedIn answers must not be lost."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)


def _pending(
    checkpoint_id: str, kind: str, source: str = "", options: tuple[tuple[str, str], ...] = ()
) -> Pending:
    return Pending(
        checkpoint_id=checkpoint_id, kind=kind, description=instruction(kind, source, options)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
