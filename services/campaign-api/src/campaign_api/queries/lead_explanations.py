"""Why a lead is not moving, and when it will. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import assert_never

from campaigns.admission import Place
from campaigns.answers import OwnerMessages
from campaigns.models import (
    Campaign,
    CampaignState,
    ConnectionState,
    Lead,
    LeadState,
    StepExecution,
    StepState,
)
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.sequences.sequence import Step, StepKind, StepOutcome, Turn, next_turn, turn_of
from campaigns.sequences.time_limits import limit_of

from campaign_api.clients.gateway_answers import Hold, Obstacle, SendingAccount
from campaign_api.queries.admission_rules import admission_rule
from campaign_api.queries.hold_explanations import holds_on, writes_refused
from campaign_api.queries.time_rules import time_rule

ACCOUNT_REMOVED = "ACCOUNT_REMOVED"
ASKING = "ASKING"
WRITES_REFUSED, WORKFLOW_MISSING = "WRITES_REFUSED", "WORKFLOW_MISSING"
_UNANSWERED = "The person has not answered the invitation yet."
_OF_ACCOUNT = frozenset({ACCOUNT_REMOVED, "ACCOUNT_PARKED"})


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Something that stands between a lead and its next step."""

    reason: str
    description: str
    until: datetime | None = None


_ASKING = Wait(
    reason=ASKING, description="Nothing is in the way: what comes next is being asked for."
)


def lead_waits(
    campaign: Campaign,
    lead: Lead,
    history: Sequence[StepExecution],
    sequence: StepSequence,
    *,
    obstacles: Sequence[Obstacle] | None,
    holds: Sequence[Hold] = (),
    sender: SendingAccount | None = None,
    place: Place | None = None,
    now: datetime,
) -> list[Wait]:
    """What a lead waits for; one that has not ended always waits for something.

    `obstacles` is what the gateway says of the lead's open action, None if none is open: then it
    waits for a delay or an answer, or for nothing. `holds` are told as far as they are in its way.
    `sender` is its account, None if that is not known; `place` that of a lead in the list of a
    running campaign.
    """
    refused = writes_refused(holds)
    unwritten = [Wait(reason=WRITES_REFUSED, description=refused)] if refused else []
    match lead.state:
        case LeadState.HELD_BACK:
            return [Wait(reason=lead.reason, description=lead.detail)]
        case LeadState.READY:
            wait = _admission_wait(campaign, place)
            return [*unwritten, *([] if unwritten and wait.reason == "ADMISSION" else [wait])]
        case LeadState.RUNNING:
            step = _coming_step(history, sequence, lead)
            # With the words of whoever put it, which the gateway does not say of an action.
            held = [
                Wait(reason="HELD", description=each)
                for each in holds_on(holds, campaign, lead, step)
            ]
            if obstacles is not None and held:
                obstacles = [each for each in obstacles if each.reason != "HELD"]
            told = {each.reason for each in unwritten}
            waits = _running_waits(campaign, lead, history, sequence, obstacles=obstacles, now=now)
            waits = [*unwritten, *held, *(each for each in waits if each.reason not in told)]
            if sender is not None:
                waits = [*_without_sender(waits, sender)]
            return [*(waits or [_ASKING]), *_about_time(campaign, lead, now)]
        case LeadState.PARKED:
            log = f" The log has it under the trace {lead.trace_id}." if lead.trace_id else ""
            return [Wait(reason=lead.reason, description=f"{lead.detail}{log}")]
        case LeadState.COMPLETED | LeadState.REPLIED | LeadState.FAILED | LeadState.STOPPED:
            return []
        case _:
            assert_never(lead.state)


def _about_time(campaign: Campaign, lead: Lead, now: datetime) -> Iterator[Wait]:
    if limit := limit_of(campaign.settings, lead):
        until = limit.at if limit.at > now else None
        yield Wait(reason=limit.reason, description=time_rule(limit, now=now), until=until)


def _running_waits(
    campaign: Campaign,
    lead: Lead,
    history: Sequence[StepExecution],
    sequence: StepSequence,
    *,
    obstacles: Sequence[Obstacle] | None,
    now: datetime,
) -> list[Wait]:
    waits = []
    if campaign.state is CampaignState.PAUSED:
        waits.append(Wait(reason="HELD", description="The campaign is paused."))
    if _paused_by_owner(campaign, lead):
        waits.append(
            Wait(
                reason="OWNER_WROTE",
                description="The account's owner has written to the person by hand; the lead"
                " waits until they answer.",
            )
        )
    if obstacles is None:
        waits += _own_waits(lead, history, sequence, now)
    else:
        known = {wait.reason for wait in waits}
        waits += [
            Wait(
                reason=obstacle.reason,
                description=obstacle.description,
                until=obstacle.free_at,
            )
            for obstacle in obstacles
            if obstacle.reason not in known
        ]
    return waits


def _paused_by_owner(campaign: Campaign, lead: Lead) -> bool:
    match campaign.settings.owner_messages:
        case OwnerMessages.PAUSE_UNTIL_ANSWERED:
            return lead.owner_wrote_at is not None
        case OwnerMessages.END | OwnerMessages.CONTINUE:
            return False
        case _:
            assert_never(campaign.settings.owner_messages)


def _without_sender(waits: Sequence[Wait], sender: SendingAccount) -> Iterator[Wait]:
    """Whatever else a lead waits for, nothing follows while its account is gone for good."""
    if sender.removed:
        yield Wait(reason=ACCOUNT_REMOVED, description=account_removed(sender))
    for wait in waits:
        if not (sender.removed and wait.reason in _OF_ACCOUNT):
            yield wait


def account_removed(account: SendingAccount) -> str:
    """What is to be done about an account that does not come back by itself."""
    name = f"{account.name} ({account.id})" if account.name else account.id
    return (
        f"The account {name} was removed at the provider and does not come back by itself."
        " Replace the sender, or have the same member connect it anew."
    )


def _admission_wait(campaign: Campaign, place: Place | None) -> Wait:
    match campaign.state:
        case CampaignState.DRAFT:
            return Wait(reason="NOT_STARTED", description="The campaign has not been started.")
        case CampaignState.PAUSED:
            return Wait(reason="HELD", description="The campaign is paused.")
        case CampaignState.RUNNING:
            if place is None or place.rule is None:
                return Wait(
                    reason="ADMISSION",
                    description="It is among the next of the list, and is being admitted.",
                    until=place.until if place else None,
                )
            return Wait(
                reason=f"ADMISSION_{place.rule}",
                description=admission_rule(campaign, place.rule),
                until=place.until,
            )
        case CampaignState.STOPPING | CampaignState.STOPPED | CampaignState.COMPLETED:
            return Wait(
                reason="CAMPAIGN_ENDING", description="The campaign admits no lead any more."
            )
        case _:
            assert_never(campaign.state)


def _own_waits(
    lead: Lead, history: Sequence[StepExecution], sequence: StepSequence, now: datetime
) -> Iterator[Wait]:
    if not history:
        if lead.started_at is None and lead.start_at is not None and lead.start_at > now:
            yield Wait(
                reason="ADMISSION_STAGGER",
                description="The lead is admitted; leads begin one after the other.",
                until=lead.start_at,
            )
        return
    last = history[-1]
    step = _step(sequence, last)
    if step is None:
        return
    if last.state is StepState.WAITING:
        turn = _turn_of_waiting(history, sequence, lead)
    elif _awaits_answer(step, last, lead):
        until = last.ended_at + step.accept_within if last.ended_at else None
        over = until is not None and until <= now
        told = "The time to answer the invitation is over." if over else _UNANSWERED
        yield Wait(reason="ACCEPTANCE", description=told, until=None if over else until)
        return
    else:
        turn = _turn_after(step, last, lead, sequence)
    if turn is not None and turn.not_before > now:
        yield Wait(
            reason="DELAY",
            description="The delay before the next step is not over.",
            until=turn.not_before,
        )
    elif last.state is StepState.WAITING and step.kind is StepKind.CONDITION:
        yield Wait(
            reason="ANSWER",
            description="A condition is being answered; what must be read at LinkedIn for it"
            " waits for the account's hours and its budget of reads.",
        )


def _coming_step(
    history: Sequence[StepExecution], sequence: StepSequence, lead: Lead
) -> Step | None:
    """The step that a lead comes to next; None where an answer decides that."""
    if not history:
        return sequence.steps[0]
    last, step = history[-1], _step(sequence, history[-1])
    if last.state is StepState.WAITING or step is None:
        return step
    awaited = _awaits_answer(step, last, lead)
    turn = None if awaited else _turn_after(step, last, lead, sequence)
    return next((each for each in sequence.steps if turn and each.step_id == turn.step_id), None)


def _awaits_answer(step: Step, execution: StepExecution, lead: Lead) -> bool:
    return (
        step.waits_for_acceptance
        and execution.state is StepState.DONE
        and lead.connection is ConnectionState.INVITED
    )


def _turn_of_waiting(
    history: Sequence[StepExecution], sequence: StepSequence, lead: Lead
) -> Turn | None:
    """When the step that waits may be performed, from the one before it if there is one."""
    first, *later = history
    step = _step(sequence, first)
    if not later and step is not None and first.started_at is not None:
        return turn_of(step, since=first.started_at)
    for before, waiting in pairwise(history):
        step = _step(sequence, before)
        if waiting is not history[-1] or step is None:
            continue
        if step.waits_for_acceptance and waiting.started_at is not None:
            # The answer, not the invitation, is what the delay counts from.
            return _turn_after(step, before, lead, sequence, at=waiting.started_at)
        return _turn_after(step, before, lead, sequence)
    return None


def _turn_after(
    step: Step,
    execution: StepExecution,
    lead: Lead,
    sequence: StepSequence,
    *,
    at: datetime | None = None,
) -> Turn | None:
    at = at or execution.ended_at
    if at is None or (step.exits and not execution.exit_name):
        return None
    outcome = _outcome(step, execution, lead)
    return next_turn(sequence, step, outcome, at=at, exit_name=execution.exit_name)


def _outcome(step: Step, execution: StepExecution, lead: Lead) -> StepOutcome:
    if execution.state is StepState.DONE and step.waits_for_acceptance:
        connected = lead.connection is ConnectionState.CONNECTED
        return StepOutcome.ACCEPTED if connected else StepOutcome.NOT_ACCEPTED
    return StepOutcome(execution.state.value)


def _step(sequence: StepSequence, execution: StepExecution) -> Step | None:
    return next((step for step in sequence.steps if step.step_id == execution.step_id), None)
