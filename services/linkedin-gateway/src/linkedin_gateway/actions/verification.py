"""Did a lost answer land? Unipile has no idempotency keys, so it is asked what is there.

What is there has landed. What is not there twice, with a pause between, has not, and only
then may it be sent again. What cannot be told stays unknown and is never repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.actions.profiles import Profiles
from linkedin_gateway.errors import ActionFailed, ActionMustWait
from linkedin_gateway.kinds.registry import READS
from linkedin_gateway.ledger.ledger import AttemptResult, Ledger
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import (
    Account,
    AccountState,
    Action,
    ActionState,
    Effect,
    Kind,
    Outcome,
    Profile,
    text_hash,
)
from linkedin_gateway.unipile import MessageSeen, Unipile, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

ABSENCES_NEEDED = 2
_MOST_VERIFICATIONS = 8
"""Looks that said neither yes nor no, after which the action stays unknown for good."""
_CLOCK_DIFFERENCE = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""
_AT_ONCE = 20

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Found:
    """It is there."""

    outcome: Outcome
    profile: Profile | None = None


@dataclass(frozen=True, kw_only=True)
class Missing:
    """It is not there, as of now."""


@dataclass(frozen=True, kw_only=True)
class Inconclusive:
    """This look said neither; another may."""


@dataclass(frozen=True, kw_only=True)
class Unverifiable:
    """No look can say."""


@dataclass(frozen=True, kw_only=True)
class Deferred:
    """Nobody could be asked; who cannot be asked has said nothing."""


Finding = Found | Missing | Inconclusive | Unverifiable | Deferred


class Verifier:
    """`pause` is real time between two looks; `lease` how long one may take."""

    def __init__(
        self,
        ledger: Ledger,
        accounts: AccountRepository,
        unipile: Unipile,
        profiles: Profiles,
        metrics: Metrics,
        clock: Clock,
        *,
        pause: timedelta,
        lease: timedelta,
    ) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._unipile = unipile
        self._profiles = profiles
        self._metrics = metrics
        self._clock = clock
        self._pause = pause
        self._lease = lease

    async def verify(self, action_id: str) -> None:
        """Look for one action whose answer was lost, if nobody else does."""
        for action in await self._claim(1, action_id):
            await self._settle(action)

    async def verify_due(self) -> int:
        """Look for all that are due; returns how many were."""
        claimed = await self._claim(_AT_ONCE, None)
        for action in claimed:
            await self._settle(action)
        return len(claimed)

    async def _claim(self, limit: int, action_id: str | None) -> Sequence[Action]:
        now = self._clock.now()
        until = now + self._clock.virtual(self._lease)
        return await self._ledger.claim_lost(now=now, until=until, limit=limit, action_id=action_id)

    async def _settle(self, action: Action) -> None:
        account = await self._accounts.read(action.account_id)
        finding = await self.look(action, account)
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
        now = self._clock.now()
        wait = self._clock.virtual(self._pause * 2 ** min(action.verifications, 6))
        match finding:
            case Found(outcome=outcome, profile=profile):
                ended = AttemptResult(state=ActionState.DONE, outcome=outcome, profile=profile)
                await self._finish(action, ended)
            case Missing():
                await self._ledger.not_found(
                    action, verify_at=now + wait, needed=ABSENCES_NEEDED, now=now
                )
            case Deferred():
                await self._ledger.inconclusive(action, verify_at=now + wait, counted=False)
            case Inconclusive() if action.verifications < _MOST_VERIFICATIONS:
                await self._ledger.inconclusive(action, verify_at=now + wait, counted=True)
            case _:
                ended = AttemptResult(
                    state=ActionState.UNKNOWN,
                    reason="OUTCOME_UNKNOWN",
                    effect=Effect.STEP_FAILED,
                )
                await self._finish(action, ended)

    async def _finish(self, action: Action, ended: AttemptResult) -> None:
        if await self._ledger.finish(action, ended, now=self._clock.now()):
            outcome = ended.reason or ended.state.value
            self._metrics.actions.labels(action.kind.value, outcome).inc()

    async def look(  # noqa: PLR0911 - one return per way not to know
        self, action: Action, account: Account
    ) -> Finding:
        """Ask the provider whether an action is there; raises nothing of the provider's."""
        if action.kind in READS or action.kind is Kind.VISIT:
            return Unverifiable()
        if account.state is AccountState.REMOVED:
            return Unverifiable()
        try:
            return await self._find(action, account)
        except ActionMustWait:
            return Deferred()
        except ActionFailed:
            return Inconclusive()
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND and action.kind in _GONE_IS_UNTOLD:
                return Inconclusive()
            log.warning("lost_action_not_told", action_id=action.action_id, error=str(error))
            return Inconclusive() if error.error_class in _SAID else Deferred()

    async def _find(self, action: Action, account: Account) -> Finding:
        match action.kind:
            case Kind.INVITATION:
                return await self._find_invitation(action, account)
            case Kind.WITHDRAWAL:
                return await self._find_withdrawal(action, account)
            case Kind.REACTION:
                post = await self._unipile.posts.read(
                    account.unipile_account_id, action.target.post_ref
                )
                return Found(outcome=_engaged(action)) if post.reacted else Missing()
            case Kind.COMMENT:
                return await self._find_comment(action, account)
            case _:
                return await self._find_message(action, account)

    async def _find_invitation(self, action: Action, account: Account) -> Finding:
        provider_id = action.target.provider_id
        async for pending in self._unipile.invitations.pending(account.unipile_account_id):
            if pending.provider_id == provider_id:
                return _invited(action, invitation_id=pending.invitation_id)
        seen = await self._profiles.look_up(account, action.person)
        if seen.connected:
            return Found(outcome=Outcome(connected=True, provider_id=provider_id))
        return _invited(action) if seen.invitation == "PENDING" else Missing()

    async def _find_withdrawal(self, action: Action, account: Account) -> Finding:
        target = action.target
        async for pending in self._unipile.invitations.pending(account.unipile_account_id):
            if pending.provider_id == target.provider_id or (
                pending.invitation_id == target.invitation_id
            ):
                return Missing()
        return Found(
            outcome=Outcome(provider_id=target.provider_id, invitation_id=target.invitation_id)
        )

    async def _find_comment(self, action: Action, account: Account) -> Finding:
        async for comment in self._unipile.posts.comments(
            account.unipile_account_id, action.target.post_id
        ):
            own = comment.author_provider_id == account.provider_id
            if own and text_hash(comment.text) == action.text_hash:
                return Found(outcome=_engaged(action))
        return Missing()

    async def _find_message(self, action: Action, account: Account) -> Finding:
        unipile_account, target = account.unipile_account_id, action.target
        chats = [target.chat_id] if target.chat_id else []
        if not chats:
            chats = list(
                await self._unipile.messages.chats_with(unipile_account, target.provider_id)
            )
        for chat_id in chats:
            for message in await self._unipile.messages.of(unipile_account, chat_id):
                if _is(message, action):
                    return _written(action, chat_id, message)
        return Missing()


_SAID = frozenset({ErrorClass.STEP_FAILED, ErrorClass.LEAD_FAILED, ErrorClass.MALFORMED})
_GONE_IS_UNTOLD = frozenset({Kind.REACTION, Kind.COMMENT, Kind.MESSAGE, Kind.INMAIL})


def _is(message: MessageSeen, action: Action) -> bool:
    if not message.own or text_hash(message.text) != action.text_hash:
        return False
    if message.sent_at is None or action.sent_at is None:
        return True
    return message.sent_at >= action.sent_at - _CLOCK_DIFFERENCE


def _invited(action: Action, *, invitation_id: str = "") -> Found:
    provider_id = action.target.provider_id
    return Found(
        outcome=Outcome(provider_id=provider_id, invitation_id=invitation_id),
        profile=Profile(
            person=action.person,
            provider_id=provider_id,
            invited_at=action.sent_at,
            invitation_id=invitation_id,
        ),
    )


def _written(action: Action, chat_id: str, message: MessageSeen) -> Found:
    provider_id = action.target.provider_id
    return Found(
        outcome=Outcome(
            provider_id=provider_id,
            chat_id=chat_id,
            message_id=message.message_id,
            connected=action.target.connected,
            sent_as_message=action.kind is Kind.INMAIL and action.as_message,
        ),
        profile=Profile(
            person=action.person,
            provider_id=provider_id,
            chat_id=chat_id if action.as_message else "",
        ),
    )


def _engaged(action: Action) -> Outcome:
    return Outcome(provider_id=action.target.provider_id, post_id=action.target.post_id)
