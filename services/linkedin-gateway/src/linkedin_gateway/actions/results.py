"""How an attempt ended, and how its caller is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from servicekit.errors import QuotaViolation

from linkedin_gateway.errors import MESSAGES, ActionFailed, ActionMustWait, effect_of
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.models import (
    ActionRequest,
    ActionState,
    Kind,
    Outcome,
    Person,
    Profile,
    Target,
)
from linkedin_gateway.pace.decisions import Wait
from linkedin_gateway.unipile import UnipileError


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What was tried."""

    action_id: str
    person: Person
    kind: Kind
    target: Target
    number: int = 1


def must_wait(request: ActionRequest, wait: Wait, *, now: datetime) -> ActionMustWait:
    """Tell the caller what their request waits for, and of a cap what it is."""
    obstacle = wait.obstacle
    quota = []
    if obstacle.window is not None:
        cap = obstacle.window.cap
        used = obstacle.window.used(now)
        free_at = obstacle.free_at.isoformat() if obstacle.free_at else "unknown"
        quota.append(
            QuotaViolation(
                subject=f"{request.account_id}:{request.kind.value}",
                description=f"{cap.name}: {used} of {cap.actions} used, frees at {free_at}",
            )
        )
    return ActionMustWait(
        obstacle.reason, obstacle.description, retry_after=wait.retry_after, quota=quota
    )


def raise_result(ended: AttemptResult, *, now: datetime) -> None:
    """Tell the caller of an end that is not a success.

    Raises `ActionFailed` when it will never be performed, and `ActionMustWait` when it may be,
    or may have been.
    """
    match ended.state:
        case ActionState.DONE:
            return
        case ActionState.QUEUED:
            retry_after = (ended.turn_at - now) if ended.turn_at else timedelta(0)
        case ActionState.UNKNOWN if ended.verify_at is not None:
            retry_after = ended.verify_at - now
        case ActionState.FAILED | ActionState.CANCELLED | ActionState.UNKNOWN | ActionState.SENDING:
            raise ActionFailed(
                ended.reason,
                ended.message or MESSAGES.get(ended.reason, ended.reason),
                effect=ended.effect or effect_of(ended.reason),
            )
        case _:
            assert_never(ended.state)
    message = ended.message or "The answer was lost; Unipile is being asked what became of it."
    raise ActionMustWait(
        ended.reason, message, retry_after=max(retry_after, timedelta(milliseconds=1))
    )


def failed(
    reason: str, *, message: str = "", state: ActionState = ActionState.FAILED
) -> AttemptResult:
    """It will never be performed, or nobody can tell whether it was."""
    return AttemptResult(state=state, reason=reason, effect=effect_of(reason), message=message)


def already_so(target: Target) -> AttemptResult:
    """The world is as wanted."""
    return AttemptResult(
        state=ActionState.DONE,
        outcome=Outcome(
            already_so=True,
            provider_id=target.provider_id,
            invitation_id=target.invitation_id,
            post_id=target.post_id,
            chat_id=target.chat_id,
        ),
    )


def connected(attempt: Attempt) -> AttemptResult:
    """Account and person are connected, which is all that an invitation wants."""
    provider_id = attempt.target.provider_id
    return AttemptResult(
        state=ActionState.DONE,
        outcome=Outcome(already_so=True, connected=True, provider_id=provider_id),
        profile=Profile(
            person_id=attempt.person.person_id, provider_id=provider_id, connected=True
        ),
    )


def told(error: UnipileError) -> str:
    """What the reason says, and what Unipile said."""
    base = MESSAGES.get(error.meaning.reason, error.meaning.reason)
    return f"{base} (Unipile: {error.status} {error.error_type})"
