"""What follows from an answer that was a refusal, or from none: for the action and the account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal, assert_never

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.cool_downs import CoolDowns
from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.actions.profiles import Profiles
from linkedin_gateway.actions.results import Attempt, already_so, connected, failed, told
from linkedin_gateway.errors import ActionFailed, ActionMustWait
from linkedin_gateway.kinds.action_kind import NotFoundMeans
from linkedin_gateway.kinds.registry import KINDS, READS, write
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import (
    Account,
    AccountState,
    ActionState,
    Kind,
    Profile,
    SentInvitation,
)
from linkedin_gateway.pace.obstacles import describe, parked
from linkedin_gateway.pace.schedules import slow_check
from linkedin_gateway.pace.slots import fraction
from linkedin_gateway.pace.snapshot import PaceRules
from linkedin_gateway.unipile import ProfileSeen, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

_FIRST_RETRY = timedelta(seconds=2)
_LONGEST_RETRY = timedelta(minutes=5)
_MISCONFIGURED_RETRY = timedelta(minutes=1)

_Refusal = Literal[
    ErrorClass.ALREADY_SO,
    ErrorClass.ALREADY_CONNECTED,
    ErrorClass.INVITED_RECENTLY,
    ErrorClass.STEP_FAILED,
    ErrorClass.LEAD_FAILED,
    ErrorClass.MALFORMED,
]
"""What is said about this action and not about the account or the call."""

log = get_logger(__name__)


class FailureHandling:
    """`verify_pause` is real time: what it waits for, a slow write, happens in real time."""

    def __init__(
        self,
        accounts: AccountLifecycle,
        cool_downs: CoolDowns,
        profiles: Profiles,
        repository: ProfileRepository,
        metrics: Metrics,
        clock: Clock,
        rules: PaceRules,
        *,
        verify_pause: timedelta,
    ) -> None:
        self._accounts = accounts
        self._cool_downs = cool_downs
        self._profiles = profiles
        self._repository = repository
        self._metrics = metrics
        self._clock = clock
        self._rules = rules
        self._verify_pause = verify_pause

    async def of(  # noqa: PLR0911 - one return per class of error
        self, error: UnipileError, attempt: Attempt, account: Account, *, failing: Kind
    ) -> AttemptResult:
        """How the attempt ended.

        `failing` is the kind of the call that failed, which may be a read on the way.
        """
        if not error.meaning.known:
            self.count_unknown(error, failing)
        error_class = error.error_class
        match error_class:
            case ErrorClass.CONFIGURATION:
                log.error("unipile_access_refused", error_type=error.error_type)
                return self._again_after(self._clock.virtual(_MISCONFIGURED_RETRY))
            case ErrorClass.ACCOUNT:
                return await self._park(error, attempt, account)
            case ErrorClass.THROTTLE if error.meaning.perhaps_person:
                return await self._person_or_account(error, attempt, account, failing)
            case ErrorClass.THROTTLE:
                return await self._cool(error, account, failing)
            case ErrorClass.NOT_FOUND:
                return await self._not_found(attempt, account, failing)
            case ErrorClass.NOT_EXECUTED:
                return self._retry(attempt)
            case ErrorClass.INDETERMINATE:
                return self._retry(attempt) if failing in READS else self.lost(attempt.kind)
            case (
                ErrorClass.ALREADY_SO
                | ErrorClass.ALREADY_CONNECTED
                | ErrorClass.INVITED_RECENTLY
                | ErrorClass.STEP_FAILED
                | ErrorClass.LEAD_FAILED
                | ErrorClass.MALFORMED
            ):
                return await self._refused(error, error_class, attempt, account)
            case _:
                assert_never(error_class)

    def count_unknown(self, error: UnipileError, failing: Kind) -> None:
        """People are told of a refusal that is not in the table."""
        self._metrics.unknown_errors.labels(str(error.status)).inc()
        log.error(
            "provider_error_unknown",
            status=error.status,
            error_type=error.error_type,
            kind=failing.value,
        )

    def lost(self, kind: Kind) -> AttemptResult:
        """There was no answer: a write may have landed, and some leave nothing to look for."""
        if write(kind).verification is None:
            return failed("OUTCOME_UNKNOWN", state=ActionState.UNKNOWN)
        verify_at = self._clock.now() + self._clock.virtual(self._verify_pause)
        return AttemptResult(
            state=ActionState.UNKNOWN, reason="VERIFYING_OUTCOME", verify_at=verify_at
        )

    def not_begun(self, attempt: Attempt) -> AttemptResult:
        """The wire was not touched: the same again, soon."""
        return self._retry(attempt)

    def stopped(self, refusal: ActionFailed | ActionMustWait) -> AttemptResult:
        """What was read on the way made the action impossible, or must itself wait."""
        if isinstance(refusal, ActionFailed):
            return replace(failed(refusal.reason, message=refusal.message), effect=refusal.effect)
        retry_after = refusal.retry_after or self._rules.in_flight_check
        return AttemptResult(
            state=ActionState.QUEUED,
            reason=refusal.reason,
            message=refusal.message,
            turn_at=self._clock.now() + retry_after,
        )

    async def _refused(
        self, error: UnipileError, error_class: _Refusal, attempt: Attempt, account: Account
    ) -> AttemptResult:
        target = attempt.target
        match error_class:
            case ErrorClass.ALREADY_CONNECTED:
                return connected(attempt)
            case ErrorClass.ALREADY_SO:
                return already_so(target)
            case ErrorClass.INVITED_RECENTLY:
                return await self._invited_recently(attempt, account)
            case ErrorClass.MALFORMED if KINDS[attempt.kind].malformed_is_done:
                return await self._invitation_gone(attempt, account)
            case ErrorClass.MALFORMED | ErrorClass.STEP_FAILED | ErrorClass.LEAD_FAILED:
                return await self._failed(error, attempt, account)
            case _:
                assert_never(error_class)

    async def _failed(
        self, error: UnipileError, attempt: Attempt, account: Account
    ) -> AttemptResult:
        if error.meaning.reason == "NOT_CONNECTED":
            await self._repository.not_connected(account.account_id, attempt.person.person_id)
        return failed(error.meaning.reason, message=told(error))

    async def _park(self, error: UnipileError, attempt: Attempt, account: Account) -> AttemptResult:
        restricted = error.meaning.reason == "restricted"
        state = AccountState.RESTRICTED if restricted else AccountState.DISCONNECTED
        await self._accounts.move(account, state, reason=error.error_type.upper())
        return self._parked(state, attempt)

    def _parked(self, state: AccountState, attempt: Attempt) -> AttemptResult:
        now = self._clock.now()
        wait = slow_check(self._rules, attempt.action_id, now.isoformat())
        obstacle = parked(state)
        return AttemptResult(
            state=ActionState.QUEUED,
            reason=obstacle.reason,
            message=describe(obstacle.reason),
            turn_at=now + wait,
        )

    async def _cool(self, error: UnipileError, account: Account, kind: Kind) -> AttemptResult:
        until = await self._cool_downs.refused(
            account, kind, cause=error.error_type, retry_after=error.retry_after
        )
        return AttemptResult(
            state=ActionState.QUEUED,
            reason="COOLING_DOWN",
            message=f"LinkedIn asked the account to slow down with {kind.value}s.",
            turn_at=until,
        )

    async def _person_or_account(
        self, error: UnipileError, attempt: Attempt, account: Account, failing: Kind
    ) -> AttemptResult:
        """The word is said of an account's ceiling and of one person: their profile tells.

        Who cannot be looked at is taken for the usual case, the account.
        """
        if not KINDS[failing].throttle_may_be_personal:
            return await self._cool(error, account, failing)
        try:
            seen = await self._profiles.look_up(account, attempt.person)
        except (ActionMustWait, ActionFailed, UnipileError):
            return await self._cool(error, account, failing)
        about_person = seen.connected or seen.invitation.explains_refusal
        if not about_person:
            return await self._cool(error, account, failing)
        return self._as_invited(seen, attempt)

    async def _not_found(self, attempt: Attempt, account: Account, failing: Kind) -> AttemptResult:
        """The person, the post, the chat or the account: a look at the account tells."""
        try:
            now_is = await self._accounts.probe(account)
        except UnipileError:
            return self._retry(attempt)
        if now_is.state is AccountState.REMOVED:
            return self._parked(now_is.state, attempt)
        absent = KINDS[failing].absent
        match absent:
            case NotFoundMeans.INVITATION:
                return await self._invitation_gone(attempt, account)
            case NotFoundMeans.POST:
                return failed("NO_POSTS")
            case NotFoundMeans.CHAT if attempt.target.chat_id:
                # The chat is gone, not the person: write to them anew.
                await self._repository.forget_chat(account.account_id, attempt.person.person_id)
                return self._retry(attempt)
            case NotFoundMeans.CHAT | NotFoundMeans.PERSON:
                return failed("PERSON_NOT_FOUND")
            case _:
                assert_never(absent)

    async def _invitation_gone(self, attempt: Attempt, account: Account) -> AttemptResult:
        """It is not pending any more, or was not the one that is: their profile tells."""
        try:
            seen = await self._profiles.look_up(account, attempt.person)
        except (ActionMustWait, ActionFailed) as refusal:
            return self.stopped(refusal)
        except UnipileError as error:
            return await self.of(error, attempt, account, failing=Kind.LOOKUP)
        if seen.connected:
            return connected(attempt)
        if seen.invitation is not SentInvitation.PENDING:
            return already_so(attempt.target)
        if attempt.number > 1:
            return failed("REFUSED_BY_LINKEDIN")
        # Another is pending, whose id the list tells.
        await self._repository.forget_invitation(account.account_id, attempt.person.person_id)
        return self._retry(attempt)

    async def _invited_recently(self, attempt: Attempt, account: Account) -> AttemptResult:
        """Pending is as good as sent; withdrawn lately means that it is too early."""
        try:
            seen = await self._profiles.look_up(account, attempt.person)
        except (ActionMustWait, ActionFailed) as refusal:
            return self.stopped(refusal)
        except UnipileError as error:
            return await self.of(error, attempt, account, failing=Kind.LOOKUP)
        return self._as_invited(seen, attempt)

    def _as_invited(self, seen: ProfileSeen, attempt: Attempt) -> AttemptResult:
        """What an invitation came to, by what there is already between account and person."""
        if seen.connected:
            return connected(attempt)
        if seen.invitation is SentInvitation.PENDING:
            profile = Profile(
                person_id=attempt.person.person_id,
                provider_id=seen.provider_id,
                invited_at=self._clock.now(),
            )
            return replace(already_so(attempt.target), profile=profile)
        if seen.received:
            # They have invited the account, and the list of such does not show it yet.
            return self._retry(attempt)
        return failed("INVITED_TOO_RECENTLY")

    def _retry(self, attempt: Attempt) -> AttemptResult:
        longest = min(_FIRST_RETRY * 2 ** min(attempt.number, 10), _LONGEST_RETRY)
        jitter = 0.5 + 0.5 * fraction(attempt.action_id, str(attempt.number))
        return self._again_after(self._clock.virtual(longest * jitter))

    def _again_after(self, wait: timedelta) -> AttemptResult:
        return AttemptResult(
            state=ActionState.QUEUED,
            reason="PROVIDER_UNAVAILABLE",
            message="Unipile cannot be reached or failed before it did anything.",
            turn_at=self._clock.now() + wait,
        )
