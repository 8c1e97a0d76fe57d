"""Perform one action: its turn, the ledger, Unipile, in that order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from servicekit.backoff import Backoff
from servicekit.clock import Clock
from servicekit.errors import Unavailable
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.cool_downs import THROTTLED, USAGE_WARNING, CoolDowns
from linkedin_gateway.actions.failures import FailureHandling
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.actions.results import Attempt, must_wait, raise_result
from linkedin_gateway.actions.verification import Verifier
from linkedin_gateway.errors import ActionFailed, ActionMustWait, action_failed, effect_of
from linkedin_gateway.kinds.action_kind import Known, Ports, Sending, Sent
from linkedin_gateway.kinds.registry import write
from linkedin_gateway.kinds.targets import Resolution
from linkedin_gateway.kinds.verification import Found
from linkedin_gateway.ledger.in_flight import InFlightTracker
from linkedin_gateway.ledger.ledger import AlreadyDecided, AttemptResult, Go, Ledger, Prepare, Wait
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import (
    Account,
    Action,
    ActionRequest,
    ActionState,
    Profile,
    Target,
)
from linkedin_gateway.pace.snapshot import PaceRules
from linkedin_gateway.unipile import UnipileError

_DECISIONS = 6
"""How often one call may decide anew: prepare, verify, go."""

_UNPROCESSABLE = 422

log = get_logger(__name__)


class Actions:
    """Performs actions, each once.

    `lease` and `start_within` are real time: how long an attempt may take before it is taken
    for lost, and how soon after its decision it must be on the wire to end within its lease.
    """

    def __init__(
        self,
        ledger: Ledger,
        ports: Ports,
        failure_handling: FailureHandling,
        cool_downs: CoolDowns,
        verifier: Verifier,
        profiles: ProfileRepository,
        landing: InFlightTracker,
        metrics: Metrics,
        clock: Clock,
        rules: PaceRules,
        *,
        lease: timedelta,
        start_within: timedelta,
    ) -> None:
        self._ledger = ledger
        self._ports = ports
        self._failure_handling = failure_handling
        self._cool_downs = cool_downs
        self._verifier = verifier
        self._profiles = profiles
        self._landing = landing
        self._metrics = metrics
        self._clock = clock
        self._rules = rules
        self._lease = lease.total_seconds()
        self._start_within = start_within.total_seconds()
        self._in_flight: set[asyncio.Task[Action]] = set()

    async def perform(self, request: ActionRequest) -> Action:
        """Perform an action, once; a request already performed answers as it did then.

        Raises `ActionMustWait` while it must wait and `ActionFailed` when it will never be
        performed. What goes on the wire goes on to its end even if the caller leaves.
        """
        prepared: Target | None = None
        for _ in range(_DECISIONS):
            asked_at = time.monotonic()
            decision = await self._decide(request, prepared)
            match decision:
                case AlreadyDecided(action=action):
                    recorded = await self._recorded(action)
                    if recorded is not None:
                        return recorded
                case Wait():
                    self._metrics.waits.labels(request.kind.value, decision.obstacle.reason).inc()
                    raise must_wait(request, decision, now=self._clock.now())
                case Prepare():
                    prepared = await self._prepare(request, decision)
                case Go():
                    return await self._finished(self._send(request, decision, asked_at))
                case _:
                    assert_never(decision)
        raise ActionMustWait(
            "IN_FLIGHT", "The action changes under our hands.", retry_after=self._rules.landing
        )

    async def drain(self) -> None:
        """Wait until nothing of ours is on the wire."""
        while self._in_flight:
            await asyncio.wait(self._in_flight)

    # --- deciding ----------------------------------------------------------------------

    async def _decide(
        self, request: ActionRequest, prepared: Target | None
    ) -> AlreadyDecided | Wait | Prepare | Go:
        now, kind = self._clock.now(), write(request.kind)

        def resolve(account: Account, profile: Profile | None) -> Resolution:
            known = Known(
                request=request, account=account, profile=profile, prepared=prepared, now=now
            )
            return kind.resolve(known)

        begun_at = time.perf_counter()
        post_id = prepared.post_id if prepared is not None else ""
        decision = await self._ledger.ask(request, now=now, resolve=resolve, post_id=post_id)
        self._metrics.decision_seconds.observe(time.perf_counter() - begun_at)
        return decision

    async def _recorded(self, action: Action) -> Action | None:
        """The recorded end, or None when the ledger is to be asked again."""
        match action.state:
            case ActionState.DONE:
                return action
            case ActionState.FAILED | ActionState.CANCELLED:
                raise action_failed(action.reason, action.message, effect=action.effect)
            case ActionState.UNKNOWN if action.finished_at is not None:
                raise action_failed("OUTCOME_UNKNOWN", action.message, effect=action.effect)
            case ActionState.UNKNOWN | ActionState.SENDING | ActionState.QUEUED:
                await self._answered(action)
                return None
            case _:
                assert_never(action.state)

    async def _answered(self, action: Action) -> None:
        """Look for the answer that is overdue; one that is not is waited for."""
        now = self._clock.now()
        due_at = action.verify_at or action.lease_until or now
        if due_at > now:
            sending = action.state is ActionState.SENDING
            raise ActionMustWait(
                "IN_FLIGHT" if sending else "VERIFYING_OUTCOME",
                "Its answer has not come yet.",
                retry_after=self._rules.landing if sending else due_at - now,
            )
        await self._verifier.verify(action.action_id)

    # --- preparing ---------------------------------------------------------------------

    async def _prepare(self, request: ActionRequest, prepare: Prepare) -> Target:
        kind = write(request.kind)
        attempt = Attempt(
            action_id=request.action_id,
            person=request.person,
            kind=request.kind,
            target=Target(),
        )
        known = Known(
            request=request,
            account=prepare.account,
            profile=prepare.profile,
            now=self._clock.now(),
        )
        try:
            return await kind.prepare(known, self._ports)
        except (ActionFailed, ActionMustWait) as refusal:
            ended = self._failure_handling.stopped(refusal)
        except UnipileError as error:
            ended = await self._failure_handling.of(
                error, attempt, prepare.account, failing=kind.prepared_by
            )
        await self._stop(request, ended)
        raise_result(ended, now=self._clock.now())
        raise AssertionError("a preparation that stopped has not succeeded")

    async def _stop(self, request: ActionRequest, ended: AttemptResult) -> None:
        """Write down what a preparation came to."""
        now = self._clock.now()
        if ended.state is ActionState.QUEUED:
            await self._ledger.defer(
                request.action_id, reason=ended.reason, turn_at=ended.turn_at or now
            )
            self._metrics.waits.labels(request.kind.value, ended.reason).inc()
            return
        await self._ledger.settle(
            request.action_id,
            reason=ended.reason,
            effect=ended.effect or effect_of(ended.reason),
            message=ended.message,
            now=now,
        )
        self._metrics.actions.labels(request.kind.value, ended.reason).inc()

    # --- sending -----------------------------------------------------------------------

    async def _finished(self, sending: Awaitable[Action]) -> Action:
        """Whatever becomes of the caller, what was begun is finished and written down."""
        task = asyncio.ensure_future(sending)
        self._in_flight.add(task)
        task.add_done_callback(self._landed)
        return await asyncio.shield(task)

    def _landed(self, task: asyncio.Task[Action]) -> None:
        self._in_flight.discard(task)
        self._landing.landed()
        if not task.cancelled():
            # Whoever asked has heard it, or has left.
            task.exception()

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
        """Touch the wire, once."""
        action, account = go.action, go.account
        attempt = Attempt(
            action_id=action.action_id,
            person=action.person,
            kind=action.kind,
            target=action.target,
            number=action.attempt,
        )
        if time.monotonic() - asked_at > self._start_within:
            # This process stood still: the lease could end while the call is on the wire.
            return self._failure_handling.not_begun(attempt)
        sending = Sending(request=request, action=action, account=account, now=self._clock.now())
        try:
            sent = await write(action.kind).send(sending, self._ports.unipile)
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
        return await self._sent(request, account, sent)

    async def _there_already(self, error: UnipileError, go: Go) -> AttemptResult | None:
        """What a refusal that nobody knows may mean: that it is done. Looked for once."""
        if error.meaning.known or error.status != _UNPROCESSABLE:
            return None
        finding = await self._verifier.look(go.action, go.account)
        if not isinstance(finding, Found):
            return None
        self._failure_handling.count_unknown(error, go.action.kind)
        outcome = replace(finding.outcome, already_so=True)
        return AttemptResult(state=ActionState.DONE, outcome=outcome, profile=finding.profile)

    async def _sent(self, request: ActionRequest, account: Account, sent: Sent) -> AttemptResult:
        if sent.usage >= USAGE_WARNING:
            await self._cool_downs.quota_nearly_used(account, request.kind, usage=sent.usage)
        if sent.throttled:
            await self._cool_downs.refused(account, request.kind, cause=THROTTLED)
        if sent.invitation_ended:
            await self._profiles.forget_invitation(account.account_id, request.person)
        return AttemptResult(state=ActionState.DONE, outcome=sent.outcome, profile=sent.profile)

    async def _write_down(self, action: Action, ended: AttemptResult, asked_at: float) -> Action:
        """Finish the row.

        While the database is away it is tried again until the lease ends; then the row is
        verified like any whose answer was lost.
        """
        backoff = Backoff()
        finished_at = self._clock.now()
        while True:
            try:
                await self._ledger.finish(action, ended, now=finished_at)
            except Unavailable:
                if time.monotonic() - asked_at > self._lease:
                    raise
                await backoff.wait()
            else:
                return replace(
                    action, state=ended.state, outcome=ended.outcome, finished_at=finished_at
                )
