"""Actions as callers see them, and what is read for them."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.linkedin.v1 import action_pb2, person_pb2
from outreach.linkedin.v1 import action_service_pb2 as pb
from servicekit.lists.listing import Asked, followed_of
from servicekit.sealing.alike import is_sealed

from linkedin_gateway.convert.values import (
    KIND_NUMBERS,
    chosen,
    kind_of,
    timestamp,
)
from linkedin_gateway.models import Action, ActionState, Outcome
from linkedin_gateway.pace.obstacles import Obstacle

_STATES = {
    state: action_pb2.ActionState.Value(f"ACTION_STATE_{state.name}") for state in ActionState
}
_STATES_BY_NUMBER: Mapping[int, ActionState] = {number: state for state, number in _STATES.items()}


def outcome_message(action: Action) -> action_pb2.ActionOutcome:
    """What became of an action that was performed."""
    outcome = action.outcome or Outcome()
    return action_pb2.ActionOutcome(
        performed_time=timestamp(action.sent_at or action.finished_at),
        already_so=outcome.already_so,
        sent_as_message=outcome.sent_as_message,
        connected=outcome.connected,
        provider_id=_told(outcome.provider_id),
        invitation_id=_told(outcome.invitation_id),
        chat_id=_told(outcome.chat_id),
        message_id=_told(outcome.message_id),
        post_id=_told(outcome.post_id),
    )


def _told(opened: str) -> str:
    """An id as callers are told it: nothing of one that does not open."""
    return "" if is_sealed(opened) else opened


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
        person=person_pb2.Person(public_identifier=_told(action.identifier)),
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


def asked_actions(request: pb.ListActionsRequest) -> Asked:
    """What a request to list says."""
    kind, state = kind_of(request.kind), chosen(request.state, _STATES_BY_NUMBER)
    return followed_of(
        request,
        account_id=request.account_id,
        campaign_id=request.campaign_id,
        lead_id=request.lead_id,
        kind=kind.name if kind else "",
        state=state.name if state else "",
    )
