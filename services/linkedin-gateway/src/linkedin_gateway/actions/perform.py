"""Perform one action: its turn, the ledger, Unipile, in that order."""

from __future__ import annotations

import time
from typing import assert_never

from servicekit.clock import Clock

from linkedin_gateway.actions.attempts import Attempts
from linkedin_gateway.actions.failures import FailureHandling
from linkedin_gateway.actions.results import Attempt, must_wait, raise_result
from linkedin_gateway.actions.verification import Verifier
from linkedin_gateway.errors import (
    ActionFailed,
    ActionMustWait,
    action_failed,
    effect_of,
)
from linkedin_gateway.kinds.action_kind import Known, Ports
from linkedin_gateway.kinds.registry import write
from linkedin_gateway.kinds.targets import Resolution
from linkedin_gateway.ledger.port import AttemptResult, Ledger, PersonMerged
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import (
    Account,
    Action,
    ActionRequest,
    ActionState,
    Profile,
    Target,
)
from linkedin_gateway.pace.decisions import AlreadyDecided, Go, Prepare, Wait
from linkedin_gateway.pace.obstacles import describe
from linkedin_gateway.pace.snapshot import PaceRules
from linkedin_gateway.people.resolver import PersonResolver
from linkedin_gateway.unipile import UnipileError

_DECISIONS = 6
"""How often one call may decide anew: prepare, verify, go."""


class Actions:
    """Performs actions, each once."""

    def __init__(
        self,
        ledger: Ledger,
        ports: Ports,
        attempts: Attempts,
        failure_handling: FailureHandling,
        verifier: Verifier,
        resolver: PersonResolver,
        metrics: Metrics,
        clock: Clock,
        rules: PaceRules,
    ) -> None:
        self._ledger = ledger
        self._ports = ports
        self._attempts = attempts
        self._failure_handling = failure_handling
        self._verifier = verifier
        self._resolver = resolver
        self._metrics = metrics
        self._clock = clock
        self._rules = rules

    async def perform(self, request: ActionRequest) -> Action:
        """Perform an action, once; a request already performed answers as it did then.

        Raises `ActionMustWait` while it must wait and `ActionFailed` when it will never be
        performed. What goes on the wire goes on to its end even if the caller leaves.
        """
        prepared: Target | None = None
        for _ in range(_DECISIONS):
            # What is read meanwhile may show that they are somebody who is known already.
            request = await self._resolver.identified(request)
            asked_at = time.monotonic()
            try:
                decision = await self._decide(request, prepared)
            except PersonMerged as merged:
                request = self._resolver.merged(request, into=merged.into)
                continue
            match decision:
                case AlreadyDecided(action=action):
                    recorded = await self._recorded(action)
                    if recorded is not None:
                        return recorded
                case Wait():
                    self._metrics.waits.labels(request.kind.value, decision.obstacle.reason).inc()
                    raise must_wait(request, decision, now=self._clock.now())
                case Prepare():
                    prepared = await self._prepare(request, decision, prepared)
                case Go():
                    return await self._attempts.make(request, decision, asked_at=asked_at)
                case _:
                    assert_never(decision)
        raise ActionMustWait(
            "IN_FLIGHT",
            "The action changes under our hands.",
            retry_after=self._rules.in_flight_check,
        )

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
        decision = await self._ledger.decide(request, resolve=resolve, post_id=post_id)
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
                retry_after=self._rules.in_flight_check if sending else due_at - now,
            )
        await self._verifier.verify(action.key)

    async def _prepare(
        self, request: ActionRequest, prepare: Prepare, prepared: Target | None
    ) -> Target | None:
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
            if prepare.suppressions_unread:
                if not await self._ports.reads.read_suppressed(prepare.account):
                    raise _others_read(self._rules)
                return prepared
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
            await self._ledger.defer(request.key, reason=ended.reason, turn_at=ended.turn_at or now)
            self._metrics.waits.labels(request.kind.value, ended.reason).inc()
            return
        await self._ledger.fail_queued(
            request.key,
            reason=ended.reason,
            effect=ended.effect or effect_of(ended.reason),
            message=ended.message,
            now=now,
        )
        self._metrics.actions.labels(request.kind.value, ended.reason).inc()


def _others_read(rules: PaceRules) -> ActionMustWait:
    reason = "SUPPRESSION_UNREAD"
    return ActionMustWait(reason, describe(reason), retry_after=rules.in_flight_check)
