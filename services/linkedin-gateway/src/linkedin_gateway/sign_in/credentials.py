"""Owners who connect an account through us, with their credentials.

The credentials are passed on and never kept. What LinkedIn answers is kept before it is told,
so that a crash or an outage only delays the account.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from servicekit.auth import Caller
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.errors import CheckpointExpired, CheckpointUnsolvable
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account
from linkedin_gateway.sign_in.errors import SENT_AGAIN, SOLVABLE, instruction, refusal
from linkedin_gateway.sign_in.registration import AccountRegistration
from linkedin_gateway.sign_in.sign_in_repository import (
    DIRECT,
    IN_APP,
    SignInRepository,
    SignInRow,
    SignInState,
    hashed,
)
from linkedin_gateway.unipile import CheckpointSeen, SignedIn, SignIn, Unipile, UnipileError

CHECKPOINT_LIVES = timedelta(minutes=5)
"""So long Unipile remembers a sign-in that is not finished."""

T = TypeVar("T")

log = get_logger(__name__)


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
        account_registration: AccountRegistration,
        unipile: Unipile,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._account_repository = account_repository
        self._account_registration = account_registration
        self._unipile = unipile
        self._metrics = metrics
        self._clock = clock
        self._under_way: set[asyncio.Task[Any]] = set()

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
        sign_in = await self._known(checkpoint_id, caller)
        if sign_in.state is SignInState.BOUND:
            return await self._account_repository.read(sign_in.account_id)
        if sign_in.state is SignInState.SIGNED_IN:
            return await self._account_registration.finished(sign_in)
        if sign_in.state is not SignInState.OPEN or sign_in.expires_at <= self._clock.now():
            raise CheckpointExpired
        if not code and sign_in.kind == IN_APP:
            bound = await self._account_registration.looked(sign_in)
            return bound or _pending(checkpoint_id, sign_in.kind)
        return await self._to_its_end(self._solve(sign_in, code))

    async def resend(self, checkpoint_id: str, *, caller: Caller) -> Pending:
        """Have LinkedIn send once more what the owner waits for."""
        sign_in = await self._known(checkpoint_id, caller)
        if sign_in.state is not SignInState.OPEN or sign_in.expires_at <= self._clock.now():
            raise CheckpointExpired
        if sign_in.kind not in SENT_AGAIN:
            raise CheckpointUnsolvable(f"For {sign_in.kind} LinkedIn sends nothing.")
        try:
            sent = await self._unipile.sign_ins.resend(sign_in.unipile_account_id)
        except UnipileError as error:
            raise self._refused(error, solving=True) from None
        self._metrics.sign_ins.labels("native", "resent" if sent else "not_resent").inc()
        if not sent:
            raise CheckpointUnsolvable("LinkedIn did not send it again; use a connect link.")
        return _pending(checkpoint_id, sign_in.kind)

    async def _known(self, checkpoint_id: str, caller: Caller) -> SignInRow:
        """A checkpoint that the caller may answer; others are as good as over."""
        sign_in = await self._repository.read(hashed(checkpoint_id))
        if sign_in is None or sign_in.kind not in SOLVABLE:
            raise CheckpointExpired
        if not caller.acts_for(sign_in.organization_id):
            raise CheckpointExpired
        return sign_in

    async def _solve(self, sign_in: SignInRow, code: str) -> Account | Pending:
        try:
            answer = await self._unipile.sign_ins.solve(sign_in.unipile_account_id, code)
        except UnipileError as error:
            raise self._refused(error, solving=True) from None
        if isinstance(answer, SignedIn):
            return await self._account_registration.passed(sign_in)
        await self._repository.move(sign_in, SignInState.REPLACED)
        return await self._answered(answer, sign_in)

    async def _answered(
        self, answer: SignedIn | CheckpointSeen, sign_in: SignInRow
    ) -> Account | Pending:
        """Remember what came of showing credentials."""
        token = f"chk_{secrets.token_urlsafe(24)}"
        if isinstance(answer, SignedIn):
            signed_in = replace(sign_in, token_hash=hashed(token), state=SignInState.SIGNED_IN)
            await self._repository.add(signed_in)
            return await self._account_registration.finished(signed_in)
        if answer.kind not in SOLVABLE:
            self._metrics.sign_ins.labels("native", "unsolvable").inc()
            raise CheckpointUnsolvable(
                f"LinkedIn asks for {answer.kind or 'a checkpoint'}, which cannot be passed here;"
                " use a connect link."
            )
        # The time Unipile remembers runs from the first checkpoint on.
        await self._repository.add(replace(sign_in, token_hash=hashed(token), kind=answer.kind))
        self._metrics.sign_ins.labels("native", "checkpoint").inc()
        return _pending(token, answer.kind, answer.source, answer.options)

    def _refused(self, error: UnipileError, *, solving: bool) -> ServiceError:
        told = refusal(error.error_type, solving=solving)
        self._metrics.sign_ins.labels("native", "refused").inc()
        log.info("sign_in_refused", reason=told.reason, error=str(error))
        return told

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
