"""Proto to model and back: the queue, the forecast, health and cool-downs."""

from __future__ import annotations

from collections.abc import Sequence

from outreach.linkedin.v1 import pace_pb2
from outreach.linkedin.v1 import pace_service_pb2 as pb
from servicekit.lists.errors import PageTokenInvalid
from servicekit.page_tokens import PageTokens, Part

from linkedin_gateway.accounts.capacity import Forecast
from linkedin_gateway.accounts.cool_down_repository import CoolDown
from linkedin_gateway.convert.actions import action_message, obstacle_message
from linkedin_gateway.convert.values import KIND_NUMBERS, KINDS, timestamp
from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.kinds.registry import CONTACTS
from linkedin_gateway.ledger.queue_repository import Waiting, WaitingAlike
from linkedin_gateway.models import Account, AccountState, Action, Kind
from linkedin_gateway.models.working_hours import CommonHours
from linkedin_gateway.pace.action_rows import request_of
from linkedin_gateway.pace.health_score import Health
from linkedin_gateway.pace.obstacles import Obstacle, cooling, describe, held, never, parked
from linkedin_gateway.pace.ranking import Rank
from linkedin_gateway.pace.schedules import asked_hours
from linkedin_gateway.pace.slots import Bound


def forecast_kinds(request: pb.ForecastAccountRequest) -> frozenset[Kind]:
    """The kinds that are counted together.

    Raises `InvalidFields` where one is none by which people are turned to.
    """
    kinds = [KINDS[number] for number in request.kinds]
    wrong = Violations()
    for place, kind in enumerate(kinds):
        if kind not in CONTACTS:
            wrong.add(f"kinds[{place}]", "is no kind that turns to people")
    wrong.end()
    return frozenset(kinds)


def waiting_of(request: pb.CountWaitingRequest) -> tuple[Sequence[str], Sequence[str]]:
    """The campaigns and the accounts whose queues are counted."""
    return [request.campaign_id, *request.campaign_ids], list(request.account_ids)


def waiting_message(waiting: WaitingAlike) -> pace_pb2.WaitingActions:
    return pace_pb2.WaitingActions(
        campaign_id=waiting.campaign_id,
        account_id=waiting.account_id,
        kind=KIND_NUMBERS[waiting.kind],
        reason=waiting.reason,
        actions=waiting.actions,
        first_turn_time=timestamp(waiting.first_turn_at),
    )


def day_messages(forecast: Forecast) -> list[pace_pb2.DayForecast]:
    """What an account can do, and has planned, on each day."""
    return [
        pace_pb2.DayForecast(
            date=day.isoformat(),
            kinds=[
                pace_pb2.KindForecast(
                    kind=KIND_NUMBERS[kind],
                    actions=free.get(day, 0),
                    planned=forecast.planned.get((kind, day), 0),
                    new_people=forecast.new_people[kind].get(day, 0),
                    together=forecast.together.get(kind, {}).get(day, 0),
                )
                for kind, free in forecast.free.items()
            ],
        )
        for day in forecast.days
    ]


def queued_message(waiting: Waiting, account: Account) -> pace_pb2.QueuedAction:
    """An action that waits, and what for."""
    obstacle = _longest(waiting, account)
    return pace_pb2.QueuedAction(
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
        return cooling(waiting.cooling_kind or action.kind, cools_until)
    if not action.reason:
        return None
    hours = asked_hours(request_of(action), account).values()
    if (
        action.reason == Bound.HOURS.value
        and CommonHours(*hours).next_open(action.created_at) is None
    ):
        return never()
    return Obstacle(
        reason=action.reason, description=describe(action.reason), free_at=action.turn_at
    )


def rank_parts(action: Action) -> Sequence[Part]:
    """A place in the queue, as a token holds it."""
    return [action.priority, action.virtual_finish, action.action_id]


async def rank_in(token: str, tokens: PageTokens, *, of: Sequence[str]) -> Rank | None:
    """The place of a token; None for the first page.

    Raises `PageTokenInvalid` if the token is not of a page before of this queue.
    """
    if not token:
        return None
    try:
        priority, virtual_finish, action_id = await tokens.read(token, of=of)
        return int(priority), float(virtual_finish), str(action_id)
    except ValueError as error:
        raise PageTokenInvalid from error


def health_message(account: Account, health: Health, *, ramp: float) -> pace_pb2.AccountHealth:
    """A score and what made it."""
    return pace_pb2.AccountHealth(
        account_id=account.account_id,
        score=health.score,
        multiplier=health.multiplier,
        ramp=ramp,
        factors=[
            pace_pb2.HealthFactor(
                name=factor.name,
                value=factor.value,
                points=factor.points,
                description=factor.description,
            )
            for factor in health.factors
        ],
    )


def cool_down_message(cool_down: CoolDown) -> pace_pb2.CoolDown:
    """LinkedIn's request to slow down."""
    return pace_pb2.CoolDown(
        account_id=cool_down.account_id,
        kind=KIND_NUMBERS[cool_down.kind],
        cause=cool_down.cause,
        level=cool_down.level + 1,
        open_time=timestamp(cool_down.opened_at),
        end_time=timestamp(cool_down.until),
    )
