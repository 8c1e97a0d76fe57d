"""Actions as callers see them, and what is read for them."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.linkedin.v1 import action_pb2, person_pb2

from linkedin_gateway.convert.values import (
    KIND_NUMBERS,
    chosen,
    timestamp,
)
from linkedin_gateway.models import Action, ActionState, Outcome
from linkedin_gateway.pace.obstacles import Obstacle

_STATES = {
    state: action_pb2.ActionState.Value(f"ACTION_STATE_{state.name}") for state in ActionState
}


def outcome_message(action: Action) -> action_pb2.ActionOutcome:
    """What became of an action that was performed."""
    outcome = action.outcome or Outcome()
    return action_pb2.ActionOutcome(
        performed_time=timestamp(action.sent_at or action.finished_at),
        already_so=outcome.already_so,
        sent_as_message=outcome.sent_as_message,
        connected=outcome.connected,
        provider_id=outcome.provider_id,
        invitation_id=outcome.invitation_id,
        chat_id=outcome.chat_id,
        message_id=outcome.message_id,
        post_id=outcome.post_id,
    )


def action_message(action: Action) -> action_pb2.Action:
    """An action as the ledger knows it."""
    queued = action.state is ActionState.QUEUED
    return action_pb2.Action(
        action_id=action.action_id,
        organization_id=action.organization_id,
        account_id=action.account_id,
        kind=KIND_NUMBERS.get(action.kind, action_pb2.ACTION_KIND_UNSPECIFIED),
        campaign_id=action.campaign_id,
        lead_id=action.lead_id,
        person=person_pb2.Person(public_identifier=action.identifier),
        state=_STATES[action.state],
        reason=action.reason,
        create_time=timestamp(action.created_at),
        turn_time=timestamp(action.turn_at) if queued else None,
        send_time=timestamp(action.sent_at),
        finish_time=timestamp(action.finished_at),
        outcome=outcome_message(action) if action.state is ActionState.DONE else None,
        caller=action.caller,
        caps=action.caps,
    )


def obstacle_message(obstacle: Obstacle) -> action_pb2.Obstacle:
    return action_pb2.Obstacle(
        reason=obstacle.reason,
        description=obstacle.description,
        free_time=timestamp(obstacle.free_at),
    )


def state_of(number: int) -> ActionState | None:
    """A state to filter by; None for any."""
    states: Mapping[int, ActionState] = {value: state for state, value in _STATES.items()}
    return chosen("state", number, states)
