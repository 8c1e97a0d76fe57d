"""Proto to model and back: the queue, the forecast, health and cool-downs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from servicekit.errors import FieldViolation

from linkedin_gateway.accounts.cool_down_repository import CoolDown
from linkedin_gateway.convert.actions import action_message, obstacle_message
from linkedin_gateway.convert.paging import position_of, token_of
from linkedin_gateway.convert.values import KIND_NUMBERS, kind_of, timestamp
from linkedin_gateway.errors import InvalidFields
from linkedin_gateway.ledger.queue_repository import Waiting, WaitingAlike
from linkedin_gateway.models import Account, AccountState, Action, ActionRequest, Kind
from linkedin_gateway.pace.health_score import Health
from linkedin_gateway.pace.obstacles import Obstacle, cooling, describe, held, parked
from linkedin_gateway.pace.ranking import Rank

_DAYS = 7
_MOST_DAYS = 30
_MOST_ACCOUNTS = 100


def required_kind(number: int) -> Kind:
    """A kind that must be given."""
    kind = kind_of(number)
    if kind is None:
        raise InvalidFields([FieldViolation("kind", "is required", "FIELD_REQUIRED")])
    return kind


def forecast_days(request: pb.ForecastAccountRequest) -> int:
    """How many days to look ahead."""
    if not 0 <= request.days <= _MOST_DAYS:
        told_so = f"must be from 1 to {_MOST_DAYS}"
        raise InvalidFields([FieldViolation("days", told_so, "FIELD_INVALID")])
    return request.days or _DAYS


def waiting_of(request: pb.CountWaitingRequest) -> tuple[str, Sequence[str]]:
    """The campaign and the accounts whose queues are counted."""
    wrong = [
        FieldViolation(name, "is required", "FIELD_REQUIRED")
        for name in ("campaign_id", "account_ids")
        if not getattr(request, name)
    ]
    if len(request.account_ids) > _MOST_ACCOUNTS:
        told_so = f"at most {_MOST_ACCOUNTS} are taken at once"
        wrong.append(FieldViolation("account_ids", told_so, "FIELD_INVALID"))
    if wrong:
        raise InvalidFields(wrong)
    return request.campaign_id, list(request.account_ids)


def waiting_message(waiting: WaitingAlike) -> pb.WaitingActions:
    return pb.WaitingActions(
        account_id=waiting.account_id,
        kind=KIND_NUMBERS[waiting.kind],
        reason=waiting.reason,
        actions=waiting.actions,
        first_turn_time=timestamp(waiting.first_turn_at),
    )


def any_request(account: Account, kind: Kind) -> ActionRequest:
    """A request that only the account's own limits bind."""
    return ActionRequest(
        action_id="",
        organization_id=account.organization_id,
        account_id=account.account_id,
        campaign_id="",
        lead_id="",
        person="",
        kind=kind,
    )


def day_messages(
    days: Sequence[date],
    slots: Mapping[Kind, Mapping[date, int]],
    planned: Mapping[tuple[Kind, date], int],
) -> list[pb.DayForecast]:
    """What an account can do, and has planned, on each day."""
    return [
        pb.DayForecast(
            date=day.isoformat(),
            kinds=[
                pb.KindForecast(
                    kind=KIND_NUMBERS[kind],
                    actions=on_days.get(day, 0),
                    planned=planned.get((kind, day), 0),
                )
                for kind, on_days in slots.items()
            ],
        )
        for day in days
    ]


def queued_message(waiting: Waiting, account: Account) -> pb.QueuedAction:
    """An action that waits, and what for."""
    obstacle = _longest(waiting, account)
    return pb.QueuedAction(
        action=action_message(waiting.action),
        place=waiting.place,
        obstacle=obstacle_message(obstacle) if obstacle is not None else None,
    )


def _longest(waiting: Waiting, account: Account) -> Obstacle | None:
    """Of what stands in its way what lasts longest: a stop, a cool-down, or its turn."""
    action, cools_until = waiting.action, waiting.cools_until
    if waiting.held is not None:
        return held(waiting.held)
    if account.state is not AccountState.CONNECTED:
        return parked(account.state)
    if cools_until is not None and (action.turn_at is None or cools_until >= action.turn_at):
        return cooling(action.kind, cools_until)
    if not action.reason:
        return None
    return Obstacle(
        reason=action.reason, description=describe(action.reason), free_at=action.turn_at
    )


def rank_token(action: Action) -> str:
    """A place in the queue as callers carry it from page to page."""
    rank = [action.priority, action.virtual_finish, action.action_id]
    return token_of(action.created_at, json.dumps(rank))


def rank_of(token: str) -> Rank | None:
    """The place of a token; None for the first page."""
    position = position_of(token)
    if position is None:
        return None
    try:
        priority, virtual_finish, action_id = json.loads(position[1])
        return int(priority), float(virtual_finish), str(action_id)
    except (ValueError, TypeError) as error:
        told_so = "is not a token of a page before"
        raise InvalidFields([FieldViolation("page_token", told_so, "FIELD_INVALID")]) from error


def health_message(account: Account, health: Health, *, ramp: float) -> pb.AccountHealth:
    """A score and what made it."""
    return pb.AccountHealth(
        account_id=account.account_id,
        score=health.score,
        multiplier=health.multiplier,
        ramp=ramp,
        factors=[
            pb.HealthFactor(
                name=factor.name,
                value=factor.value,
                points=factor.points,
                description=factor.description,
            )
            for factor in health.factors
        ],
    )


def cool_down_message(cool_down: CoolDown) -> pb.CoolDown:
    """LinkedIn's request to slow down."""
    return pb.CoolDown(
        account_id=cool_down.account_id,
        kind=KIND_NUMBERS[cool_down.kind],
        cause=cool_down.cause,
        level=cool_down.level + 1,
        open_time=timestamp(cool_down.opened_at),
        end_time=timestamp(cool_down.until),
    )
