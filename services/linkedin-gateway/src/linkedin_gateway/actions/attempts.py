"""One attempt at an action: the wire is touched once, and what came of it is written down."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

from servicekit.backoff import Backoff
from servicekit.clock import Clock
from servicekit.errors import Unavailable
from servicekit.sealing.seal import ValueUnreadable
from servicekit.tasks import ShieldedTasks
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.actions.failures import FailureHandling
from linkedin_gateway.actions.reply_look import ReplyLook
from linkedin_gateway.actions.results import Attempt, raise_result
from linkedin_gateway.actions.successes import SuccessHandling
from linkedin_gateway.actions.verification import Verifier, result_of
from linkedin_gateway.errors import ActionFailed
from linkedin_gateway.kinds.action_kind import Found, Sending, Sent
from linkedin_gateway.kinds.registry import write
from linkedin_gateway.ledger.port import AttemptResult, Ledger
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Action, ActionRequest
from linkedin_gateway.pace.decisions import Go
from linkedin_gateway.people.resolver import PersonResolver
from linkedin_gateway.unipile import Unipile, UnipileError

_UNPROCESSABLE = 422

log = get_logger(__name__)


class Attempts:
    """Makes attempts, each to its end.

    `lease` and `start_within` are real time: how long an attempt may take before it is taken
    for lost, and how soon after its decision it must be on the wire to end within its lease.
    """

    def __init__(
        self,
        ledger: Ledger,
        unipile: Unipile,
        success_handling: SuccessHandling,
        failure_handling: FailureHandling,
        verifier: Verifier,
        resolver: PersonResolver,
        reply_look: ReplyLook,
        metrics: Metrics,
        clock: Clock,
        *,
        lease: timedelta,
        start_within: timedelta,
    ) -> None:
        self._ledger = ledger
        self._unipile = unipile
        self._success_handling = success_handling
        self._failure_handling = failure_handling
        self._verifier = verifier
        self._resolver = resolver
        self._reply_look = reply_look
        self._metrics = metrics
        self._clock = clock
        self._lease = lease.total_seconds()
        self._start_within = start_within.total_seconds()
        self._tasks = ShieldedTasks()

    async def make(self, request: ActionRequest, go: Go, *, asked_at: float) -> Action:
        """Send the action that was decided at `asked_at`, of the monotonic clock.

        Whatever becomes of the caller, what was begun is finished and written down. Raises
        `ActionMustWait` and `ActionFailed` as the attempt ended.
        """
        return await self._tasks.run(self._send(request, go, asked_at))

    async def drain(self) -> None:
        """Wait until nothing of ours is on the wire."""
        await self._tasks.drain()

    async def _send(self, request: ActionRequest, go: Go, asked_at: float) -> Action:
        action, account = go.action, go.account
        ended = await self._attempt(request, go, asked_at)
        recorded = await self._write_down(action, ended, asked_at)
        outcome = ended.reason or ended.state.value
        self._metrics.actions.labels(action.kind.value, outcome).inc()
        log.info(
            "action_ended",
            action_id=action.action_id,
            account_id=account.account_id,
            campaign_id=action.campaign_id,
            lead_id=action.lead_id,
            kind=action.kind.value,
            state=ended.state.value,
            reason=ended.reason,
        )
        raise_result(ended, now=self._clock.now())
        return recorded

    async def _attempt(self, request: ActionRequest, go: Go, asked_at: float) -> AttemptResult:
        """Touch the wire, once; not at all if it turns out that the person has written."""
        action, account = go.action, go.account
        attempt = Attempt(
            action_id=action.action_id,
            person=action.person,
            kind=action.kind,
            target=action.target,
            number=action.attempt,
        )
        sending = await self._sending(request, go)
        # Last of all: nothing that takes time comes between what was seen and the wire.
        answered = await self._answered(request, go, attempt, asked_at)
        if answered is not None:
            return answered
        try:
            sent = await self._sent(sending, asked_at)
            if sent is None:
                return self._failure_handling.not_begun(attempt)
            return await self._success_handling.of(sent, request, account)
        except UnipileError as error:
            there = await self._there_already(error, go)
            if there is not None:
                return there
            return await self._failure_handling.of(error, attempt, account, failing=action.kind)
        except ActionFailed as refusal:
            return self._failure_handling.stopped(refusal)
        except asyncio.CancelledError:
            # The process ends under the call: as good as no answer.
            await self._write_down(action, self._failure_handling.lost(action.kind), asked_at)
            raise

    async def _sent(self, sending: Sending, asked_at: float) -> Sent | None:
        """Make the call, and where it was refused another that may do, once.

        None if nothing was done and there is no time for it: it would end after the lease.
        """
        if time.monotonic() - asked_at > self._start_within:
            # This process stood still.
            return None
        kind = write(sending.action.kind)
        try:
            return await kind.send(sending, self._unipile)
        except UnipileError as refusal:
            if kind.otherwise is None:
                raise
            try:
                async with asyncio.timeout(self._start_within - (time.monotonic() - asked_at)):
                    call = await kind.otherwise(sending, refusal, self._unipile)
            except TimeoutError:
                return None
            if call is None:
                raise
        return await call()

    async def _sending(self, request: ActionRequest, go: Go) -> Sending:
        name = ""
        if not go.action.target.provider_id:
            name = await self._resolver.name(go.account, request.person)
        return Sending(
            request=request,
            action=go.action,
            account=go.account,
            name=name,
            now=self._clock.now(),
        )

    async def _answered(
        self, request: ActionRequest, go: Go, attempt: Attempt, asked_at: float
    ) -> AttemptResult | None:
        """What has to become of the action because the person has written.

        Who cannot be asked gives the turn back: nothing goes to somebody who may have answered.
        """
        action, account = go.action, go.account
        if not write(action.kind).looks_for_reply:
            return None
        not_begun = self._failure_handling.not_begun(attempt)
        left = self._start_within - (time.monotonic() - asked_at)
        try:
            async with asyncio.timeout(left):
                return await self._reply_look.before(request, action, account)
        except (UnipileError, TimeoutError, Unavailable, ValueUnreadable) as error:
            log.warning("reply_not_looked_for", action_id=action.action_id, error=str(error))
            return not_begun
        except Exception:
            # Whatever it is, it is no leave to go on.
            log.exception("reply_not_looked_for", action_id=action.action_id)
            return not_begun
        except asyncio.CancelledError:
            await self._write_down(action, not_begun, asked_at)
            raise

    async def _there_already(self, error: UnipileError, go: Go) -> AttemptResult | None:
        """What a refusal that nobody knows may mean: that it is done. Looked for once."""
        if error.meaning.known or error.status != _UNPROCESSABLE:
            return None
        finding = await self._verifier.look(go.action, go.account)
        if not isinstance(finding, Found):
            return None
        self._failure_handling.count_unknown(error, go.action.kind)
        return result_of(finding, already_so=True)

    async def _write_down(self, action: Action, ended: AttemptResult, asked_at: float) -> Action:
        """Finish the row.

        While the database is away it is tried again until the lease ends; then the row is
        verified like any whose answer was lost.
        """
        backoff = Backoff()
        finished_at = self._clock.now()
        while True:
            try:
                await self._ledger.finish(action, ended)
            except Unavailable:
                if time.monotonic() - asked_at > self._lease:
                    raise
                await backoff.wait()
            else:
                return replace(
                    action, state=ended.state, outcome=ended.outcome, finished_at=finished_at
                )
