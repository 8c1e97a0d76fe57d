"""Did a lost answer land? Unipile has no idempotency keys, so it is asked what is there.

What is there has landed. What is not there may still appear: absence is proof only in a look
that began after the call's timeout and the lag of Unipile's store, and only then may it be sent
again. What cannot be told stays unknown and is never repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.errors import ActionFailed, ActionMustWait
from linkedin_gateway.kinds.action_kind import (
    Deferred,
    Finding,
    Found,
    Inconclusive,
    Missing,
    Ports,
    Unverifiable,
    Write,
)
from linkedin_gateway.kinds.registry import KINDS
from linkedin_gateway.ledger.port import AttemptResult, Ledger
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import (
    Account,
    AccountState,
    Action,
    ActionKey,
    ActionState,
    Effect,
)
from linkedin_gateway.storage.sealed_ids import is_unopened
from linkedin_gateway.unipile import ListUnfinished, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

_MOST_VERIFICATIONS = 8
"""Looks for one attempt that said neither yes nor no; then it stays unknown for good."""
_LONGEST_PAUSE = 64
"""Times the first one."""
_LONGEST_DEFERRED = timedelta(days=14)
"""After an attempt: where the provider cannot be asked for that long, as by an account that does
not come back, it stays unknown for good. Else a lead that is to end would wait for it for ever."""
_AT_ONCE = 20
_SAID = frozenset({ErrorClass.STEP_FAILED, ErrorClass.LEAD_FAILED, ErrorClass.MALFORMED})
"""Answers to a look: who gives them was asked, and another look is counted. After any other the
look is put off, and does not count."""

log = get_logger(__name__)


class Verifier:
    """`pause`, `lease` and `margin` are real time.

    The first is what the pauses between two looks begin with, the second how long one may take,
    the third how long after an action was decided it may still appear.
    """

    def __init__(
        self,
        ledger: Ledger,
        accounts: AccountRepository,
        ports: Ports,
        metrics: Metrics,
        clock: Clock,
        *,
        pause: timedelta,
        lease: timedelta,
        margin: timedelta,
    ) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._ports = ports
        self._metrics = metrics
        self._clock = clock
        self._pause = pause
        self._lease = lease
        self._margin = clock.virtual(margin)

    async def verify(self, key: ActionKey) -> None:
        """Look for one action whose answer was lost, if nobody else does."""
        for action in await self._claim(1, key):
            await self._look_for(action)

    async def verify_due(self) -> int:
        """Look for all that are due; returns how many were."""
        claimed = await self._claim(_AT_ONCE, None)
        for action in claimed:
            await self._look_for(action)
        return len(claimed)

    async def _claim(self, limit: int, key: ActionKey | None) -> Sequence[Action]:
        until = self._clock.now() + self._clock.virtual(self._lease)
        return await self._ledger.claim_lost(until=until, limit=limit, key=key)

    async def _look_for(self, action: Action) -> None:
        """One look, and what follows: done, queued again, another look, or given up."""
        account = await self._accounts.read(action.account_id)
        looked_at = self._clock.now()
        finding = await self.look(action, account)
        self._tell(action, finding)
        await self._record(action, finding, looked_at=looked_at)

    def _tell(self, action: Action, finding: Finding) -> None:
        self._metrics.verifications.labels(action.kind.value, type(finding).__name__).inc()
        log.info(
            "lost_action_looked_for",
            action_id=action.action_id,
            account_id=action.account_id,
            campaign_id=action.campaign_id,
            lead_id=action.lead_id,
            kind=action.kind.value,
            finding=type(finding).__name__,
        )

    async def _record(self, action: Action, finding: Finding, *, looked_at: datetime) -> None:
        now = self._clock.now()
        pause, sent_at = self._clock.virtual(self._pause), action.sent_at or looked_at
        # As long again as it has been out: pauses double.
        wait = max(pause, min(now - sent_at, pause * _LONGEST_PAUSE))
        match finding:
            case Found():
                if not await self._finish(action, result_of(finding)):
                    # Another action has claimed it meanwhile.
                    await self._ledger.record_inconclusive(
                        action, verify_at=now + wait, counted=False
                    )
            case Missing():
                settled_at = sent_at + self._margin
                await self._ledger.record_not_found(
                    action,
                    # The last look comes when it can settle the matter, and no later.
                    verify_at=max(now, min(now + wait, settled_at)),
                    settled=looked_at >= settled_at,
                    now=now,
                )
            case Deferred() if looked_at - sent_at < _LONGEST_DEFERRED:
                await self._ledger.record_inconclusive(action, verify_at=now + wait, counted=False)
            case Inconclusive() if action.verifications < _MOST_VERIFICATIONS:
                await self._ledger.record_inconclusive(action, verify_at=now + wait, counted=True)
            case Deferred() | Inconclusive() | Unverifiable():
                ended = AttemptResult(
                    state=ActionState.UNKNOWN,
                    reason="OUTCOME_UNKNOWN",
                    effect=Effect.STEP_FAILED,
                )
                await self._finish(action, ended)
            case _:
                assert_never(finding)

    async def _finish(self, action: Action, ended: AttemptResult) -> bool:
        finished = await self._ledger.finish(action, ended)
        if finished:
            outcome = ended.reason or ended.state.value
            self._metrics.actions.labels(action.kind.value, outcome).inc()
        return finished

    async def look(self, action: Action, account: Account) -> Finding:
        """Ask the provider whether an action is there; raises nothing of the provider's."""
        kind = KINDS[action.kind]
        verification = kind.verification if isinstance(kind, Write) else None
        if verification is None or account.state is AccountState.REMOVED:
            return Unverifiable()
        if is_unopened(action):
            # Nobody knows what to ask for: that it is not there would prove nothing.
            return Inconclusive()
        try:
            return await verification.look(action, account, self._ports)
        except (ActionMustWait, ActionFailed) as refusal:
            return Deferred() if isinstance(refusal, ActionMustWait) else Inconclusive()
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND and verification.gone_is_inconclusive:
                return Inconclusive()
            log.warning("lost_action_not_told", action_id=action.action_id, error=str(error))
            said = error.error_class in _SAID or isinstance(error, ListUnfinished)
            return Inconclusive() if said else Deferred()


def result_of(found: Found, *, already_so: bool = False) -> AttemptResult:
    """What an attempt came to that was found."""
    outcome = replace(found.outcome, already_so=True) if already_so else found.outcome
    return AttemptResult(
        state=ActionState.DONE, outcome=outcome, profile=found.profile, claims=found.claims
    )
