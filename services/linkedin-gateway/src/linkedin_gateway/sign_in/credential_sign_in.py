"""Owners who connect an account through us, with their credentials.

The credentials are passed on and never kept. What LinkedIn answers is kept before the caller
is answered, so that a crash or an outage only delays the account.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from servicekit.auth import require_theirs
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.tasks import ShieldedTasks
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.errors import (
    CheckpointExpired,
    CheckpointNotFound,
    CheckpointUnsolvable,
)
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account
from linkedin_gateway.sign_in.account_registration import AccountRegistration
from linkedin_gateway.sign_in.checkpoints import (
    SENT_AGAIN,
    Checkpoint,
    PendingCheckpoint,
    checkpoint_of,
    instruction,
)
from linkedin_gateway.sign_in.errors import refusal
from linkedin_gateway.sign_in.sign_in_repository import (
    SignInRepository,
    SignInRow,
    SignInState,
    Way,
    hashed,
)
from linkedin_gateway.unipile import CheckpointSeen, SignedIn, SignIn, Unipile, UnipileError

CHECKPOINT_LIVES = timedelta(minutes=5)
"""So long Unipile remembers a sign-in that is not finished."""

log = get_logger(__name__)


class CredentialSignIn:
    def __init__(
        self,
        repository: SignInRepository,
        accounts: AccountRepository,
        registration: AccountRegistration,
        unipile: Unipile,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._accounts = accounts
        self._registration = registration
        self._unipile = unipile
        self._metrics = metrics
        self._clock = clock
        self._tasks = ShieldedTasks()

    async def connect(
        self, organization_id: str, account: Account | None, given: SignIn
    ) -> Account | PendingCheckpoint:
        """Sign in with credentials; to its end even if the caller leaves."""
        return await self._tasks.run(self._connect(organization_id, account, given))

    async def _connect(
        self, organization_id: str, account: Account | None, given: SignIn
    ) -> Account | PendingCheckpoint:
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
                kind=Way.DIRECT,
                state=SignInState.OPEN,
                created_at=now,
                expires_at=now + CHECKPOINT_LIVES,
            ),
        )

    async def solve(self, checkpoint_id: str, code: str) -> Account | PendingCheckpoint:
        """Answer a checkpoint; one that is confirmed in LinkedIn's app needs no code.

        Raises `CheckpointNotFound`, and `CheckpointExpired` when it is over or answered.
        """
        sign_in, kind = await self._known(checkpoint_id)
        match sign_in.state:
            case SignInState.BOUND:
                return await self._accounts.read(sign_in.account_id)
            case SignInState.SIGNED_IN:
                return await self._registration.finish_now(sign_in)
            case SignInState.REFUSED | SignInState.REPLACED:
                raise CheckpointExpired
            case SignInState.OPEN:
                pass
            case _:
                assert_never(sign_in.state)
        if sign_in.expires_at <= self._clock.now():
            raise CheckpointExpired
        if not code and kind is Checkpoint.IN_APP:
            bound = await self._registration.look_up(sign_in)
            return bound or _pending(checkpoint_id, kind)
        return await self._tasks.run(self._solve(sign_in, code))

    async def resend(self, checkpoint_id: str) -> PendingCheckpoint:
        """Have LinkedIn send once more what the owner waits for.

        Raises `CheckpointNotFound`, `CheckpointExpired` when the checkpoint is over, and
        `CheckpointUnsolvable` when LinkedIn sends nothing for it, or not again.
        """
        sign_in, kind = await self._known(checkpoint_id)
        if not sign_in.state.waits or sign_in.expires_at <= self._clock.now():
            raise CheckpointExpired
        if kind not in SENT_AGAIN:
            raise CheckpointUnsolvable(f"For {kind} LinkedIn sends nothing.")
        try:
            sent = await self._unipile.sign_ins.resend(sign_in.unipile_account_id)
        except UnipileError as error:
            raise self._refused(error, solving=True) from None
        self._metrics.sign_ins.labels("native", "resent" if sent else "not_resent").inc()
        if not sent:
            raise CheckpointUnsolvable("LinkedIn did not send it again; use a connect link.")
        return _pending(checkpoint_id, kind)

    async def _known(self, checkpoint_id: str) -> tuple[SignInRow, Checkpoint]:
        """A checkpoint that the caller may answer; raises `CheckpointNotFound` for any other."""
        sign_in = await self._repository.read(hashed(checkpoint_id))
        if sign_in is None or not isinstance(sign_in.kind, Checkpoint):
            raise CheckpointNotFound
        again = [sign_in.account_id] if sign_in.account_id else []
        require_theirs(sign_in.organization_id, CheckpointNotFound, account_ids=again)
        return sign_in, sign_in.kind

    async def _solve(self, sign_in: SignInRow, code: str) -> Account | PendingCheckpoint:
        try:
            answer = await self._unipile.sign_ins.solve(sign_in.unipile_account_id, code)
        except UnipileError as error:
            raise self._refused(error, solving=True) from None
        if isinstance(answer, SignedIn):
            return await self._registration.sign_in_passed(sign_in)
        await self._repository.move(sign_in, SignInState.REPLACED)
        return await self._answered(answer, sign_in)

    async def _answered(
        self, answer: SignedIn | CheckpointSeen, sign_in: SignInRow
    ) -> Account | PendingCheckpoint:
        """Remember what came of showing credentials."""
        token = f"chk_{secrets.token_urlsafe(24)}"
        if isinstance(answer, SignedIn):
            signed_in = replace(sign_in, token_hash=hashed(token), state=SignInState.SIGNED_IN)
            await self._repository.add(signed_in)
            return await self._registration.finish_now(signed_in)
        kind = checkpoint_of(answer.kind)
        if kind is None:
            self._metrics.sign_ins.labels("native", "unsolvable").inc()
            raise CheckpointUnsolvable(
                f"LinkedIn asks for {answer.kind or 'a checkpoint'}, which cannot be passed here;"
                " use a connect link."
            )
        # The time Unipile remembers runs from the first checkpoint on.
        await self._repository.add(replace(sign_in, token_hash=hashed(token), kind=kind))
        self._metrics.sign_ins.labels("native", "checkpoint").inc()
        return _pending(token, kind, answer.source, answer.options)

    def _refused(self, error: UnipileError, *, solving: bool) -> ServiceError:
        refused = refusal(error.error_type, solving=solving)
        self._metrics.sign_ins.labels("native", "refused").inc()
        log.info("sign_in_refused", reason=refused.reason, error=str(error))
        return refused

    # --- leaving -----------------------------------------------------------------------

    async def drain(self) -> None:
        """Wait until nobody is being signed in by us."""
        await self._tasks.drain()


def _pending(
    checkpoint_id: str,
    kind: Checkpoint,
    source: str = "",
    options: tuple[tuple[str, str], ...] = (),
) -> PendingCheckpoint:
    return PendingCheckpoint(
        checkpoint_id=checkpoint_id, kind=kind, description=instruction(kind, source, options)
    )
