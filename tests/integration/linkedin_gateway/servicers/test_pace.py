"""What the gateway tells of its pace: the queue, the forecast, health and cool-downs."""

from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.models import AccountState, Kind
from outreach.linkedin.v1 import (
    action_pb2,
    action_service_pb2,
    hold_pb2,
    hold_service_pb2,
    pace_service_pb2,
)
from servicekit.errors import InvalidArgument, NotYet

INVITATION = action_pb2.ACTION_KIND_INVITATION


async def waiting(house: Any, *leads: str) -> None:
    """Visits of which the first goes and the others wait for the pause."""
    await house.perform(house.request("visit_profile", "first"))
    for lead in leads:
        with pytest.raises(NotYet):
            await house.stubs.actions.PerformAction(house.request("visit_profile", lead))


async def cooled(house: Any) -> None:
    """LinkedIn refuses an invitation as too much."""
    await house.fault(method="POST", route="/users/invite", fault="error", type="cannot_resend_yet")
    with pytest.raises(NotYet):
        await house.until_sent(house.request("send_invitation", "ada"))


async def test_queue_in_order_with_places_and_reasons(house: Any) -> None:
    """Page by page, who goes when and what for they wait."""
    await waiting(house, "ada", "bob", "cara")
    request = pace_service_pb2.GetQueueRequest(account_id=house.account.account_id, page_size=2)

    first = await house.stubs.pace.GetQueue(request)
    request.page_token = first.next_page_token
    second = await house.stubs.pace.GetQueue(request)

    found = [*first.actions, *second.actions]
    assert [each.action.lead_id for each in found] == ["lead_ada", "lead_bob", "lead_cara"]
    assert [each.place for each in found] == [1, 2, 3]
    assert {each.obstacle.reason for each in found} <= {"WAITING_FOR_GAP", "WAITING_FOR_TURN"}
    assert all(each.obstacle.description for each in found)
    assert first.waiting == 3
    assert not second.next_page_token


async def test_queue_of_one_kind(house: Any) -> None:
    """Nobody of another kind is listed."""
    await waiting(house, "ada")

    answer = await house.stubs.pace.GetQueue(
        pace_service_pb2.GetQueueRequest(account_id=house.account.account_id, kind=INVITATION)
    )

    assert (len(answer.actions), answer.waiting) == (0, 0)


async def agreed(house: Any, lead: str) -> tuple[str, bool]:
    """What the queue says that a lead waits for, which must be what lasts longest by the
    explanation; and whether its end is known."""
    queue = await house.stubs.pace.GetQueue(
        pace_service_pb2.GetQueueRequest(account_id=house.account.account_id)
    )
    (queued,) = [each for each in queue.actions if each.action.lead_id == f"lead_{lead}"]
    explained = await house.stubs.actions.ExplainAction(
        action_service_pb2.ExplainActionRequest(
            organization_id=queued.action.organization_id, action_id=queued.action.action_id
        )
    )
    endless = [each for each in explained.obstacles if not each.HasField("free_time")]
    longest = (endless or [explained.obstacles[-1]])[0]
    assert queued.obstacle.reason == longest.reason
    assert queued.obstacle.free_time == longest.free_time
    return queued.obstacle.reason, longest.HasField("free_time")


async def test_queue_and_explanation_agree(house: Any) -> None:
    """Pause, turn, cap, hours, cool-down, hold and parked account: both say the same."""
    found = []
    visit = house.request("visit_profile", "tokyo", campaign_id="camp_2")
    visit.sending_window.CopyFrom(house.account.working_hours)
    visit.sending_window.opens, visit.sending_window.closes = "09:00", "11:00"
    visit.person_time_zone = "Asia/Tokyo"
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(visit)
    found.append(await agreed(house, "tokyo"))
    await waiting(house, "ada", "bob")
    found += [await agreed(house, "ada"), await agreed(house, "bob")]
    await house.gateway.cool_downs.refused(await house.account_row(), Kind.VISIT, cause="429")
    found.append(await agreed(house, "ada"))
    await house.stubs.holds.PutHold(
        hold_service_pb2.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_1", reason="a look"
        )
    )
    found.append(await agreed(house, "bob"))
    await house.stubs.holds.LiftHold(
        hold_service_pb2.LiftHoldRequest(scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_1")
    )
    await house.gateway.lifecycle.move(
        await house.account_row(), AccountState.DISCONNECTED, reason="CREDENTIALS"
    )
    found.append(await agreed(house, "ada"))

    assert found == [
        # Nine to eleven there is the night here, and never the day in Tokyo.
        ("WAITING_FOR_HOURS", False),
        ("WAITING_FOR_GAP", True),
        ("WAITING_FOR_TURN", True),
        ("COOLING_DOWN", True),
        ("HELD", False),
        ("ACCOUNT_PARKED", False),
    ]


async def test_few_connections_ramp_up(house: Any) -> None:
    """An account with a hundred connections has three quarters of its tier's caps; the number
    is read from its owner's profile, silently and out of the budget of reads."""
    seen = house.world.accounts.get("unipile-1")
    seen.connections = 100

    await house.gateway.connection_counter.count_due()
    usage = await house.stubs.pace.GetAccountUsage(
        pace_service_pb2.GetAccountUsageRequest(account_id=house.account.account_id)
    )
    await house.gateway.connection_counter.count_due()

    limits = {(each.kind, each.per.seconds): (each.limit, each.layer) for each in usage.usages}
    assert limits[INVITATION, 86400] == (15, "ramp")
    lookups = [each for each in usage.usages if each.kind == action_pb2.ACTION_KIND_LOOKUP]
    assert {each.used for each in lookups} == {1}
    assert not house.writes("visit")


async def test_connections_are_counted_again(house: Any) -> None:
    """While there are few daily, once there are enough hardly ever; a failure changes nothing."""
    seen = house.world.accounts.get("unipile-1")
    counted = []
    for connections, pause in ((100, 1.1), (200, 1.1), (20, 13.0)):
        seen.connections = connections
        await house.gateway.connection_counter.count_due()
        counted.append((await house.account_row()).connections)
        house.clock.advance(pause * 86400)
    await house.fault(method="GET", route="/users/{identifier}", fault="503")
    await house.gateway.connection_counter.count_due()
    failed = (await house.account_row()).connections

    assert counted == [100, 200, 200]
    assert failed == 200


async def test_forecast_has_no_day_over_its_cap(house: Any) -> None:
    """Seven days, no more a day and a week than the tier allows, and what is planned."""
    await waiting(house, "ada", "bob")

    answer = await house.stubs.pace.ForecastAccount(
        pace_service_pb2.ForecastAccountRequest(account_id=house.account.account_id)
    )

    kinds = [{each.kind: each for each in day.kinds} for day in answer.days]
    visits = [day[action_pb2.ACTION_KIND_VISIT] for day in kinds]
    invitations = [day[INVITATION].actions for day in kinds]
    assert len(answer.days) == 7
    assert max(invitations) == 20
    assert sum(invitations) <= 100
    assert sum(day.planned for day in visits) == 2


async def test_forecast_of_new_people_goes_through_the_reads(house: Any) -> None:
    """A first visit costs two of ninety-five reads a day, and what was read today counts."""
    request = pace_service_pb2.ForecastAccountRequest(account_id=house.account.account_id)

    days = (await house.stubs.pace.ForecastAccount(request)).days

    kinds = [{each.kind: each for each in day.kinds} for day in days]
    visits = [day[action_pb2.ACTION_KIND_VISIT] for day in kinds]
    invitations = [day[INVITATION] for day in kinds]
    assert max(each.actions for each in visits) == 80
    assert max(each.new_people for each in visits) == 47
    assert [each.new_people for each in invitations] == [each.actions for each in invitations]


async def test_forecast_of_kinds_together(house: Any) -> None:
    """Those who wait are left out, kinds that were not asked for too, and reads are shared."""
    await waiting(house, *(f"lead-{number}" for number in range(3)))
    kinds = [action_pb2.ACTION_KIND_VISIT, INVITATION]

    answer = await house.stubs.pace.ForecastAccount(
        pace_service_pb2.ForecastAccountRequest(
            account_id=house.account.account_id, days=2, kinds=kinds
        )
    )

    for day in answer.days:
        for each in day.kinds:
            assert each.together <= each.new_people
            assert bool(each.together) == (each.kind in kinds)


async def test_forecast_of_what_turns_to_nobody(house: Any) -> None:
    """Reads and withdrawals are not counted together with what people see."""
    with pytest.raises(InvalidArgument) as told:
        await house.stubs.pace.ForecastAccount(
            pace_service_pb2.ForecastAccountRequest(
                account_id=house.account.account_id,
                kinds=[INVITATION, action_pb2.ACTION_KIND_WITHDRAWAL],
            )
        )

    assert [wrong.field for wrong in told.value.violations] == ["kinds[1]"]


async def test_forecast_of_too_many_days(house: Any) -> None:
    """More than thirty are refused by field."""
    with pytest.raises(InvalidArgument):
        await house.stubs.pace.ForecastAccount(
            pace_service_pb2.ForecastAccountRequest(account_id=house.account.account_id, days=31)
        )


async def test_health_falls_with_what_happens_and_moves_caps(house: Any) -> None:
    """A refusal and a restriction: the score falls, the ramp begins anew, the caps follow."""
    request = pace_service_pb2.GetAccountHealthRequest(account_id=house.account.account_id)
    before = (await house.stubs.pace.GetAccountHealth(request)).health
    await cooled(house)
    account = await house.account_row()
    for state in (AccountState.RESTRICTED, AccountState.CONNECTED):
        house.clock.advance(60)
        account = await house.gateway.lifecycle.move(account, state, reason="")

    after = (await house.stubs.pace.GetAccountHealth(request)).health
    usage = await house.stubs.pace.GetAccountUsage(
        pace_service_pb2.GetAccountUsageRequest(account_id=house.account.account_id)
    )

    assert (before.score, before.ramp) == (100, 1.0)
    points = {factor.name: factor.points for factor in after.factors}
    assert (points["refusals"], points["disconnects"]) == (10, 30)
    assert after.multiplier < 1
    assert after.ramp == 0.3
    of_invitations = [each for each in usage.usages if each.kind == INVITATION]
    assert {each.layer for each in of_invitations} == {"ramp"}


async def test_a_new_account_begins_low(house: Any) -> None:
    """Connected at Unipile today: a fifth of its tier's caps, from the first action on."""
    await house.pool.execute("UPDATE accounts SET since = $1", house.gateway.clock.now())

    usage = await house.stubs.pace.GetAccountUsage(
        pace_service_pb2.GetAccountUsageRequest(account_id=house.account.account_id)
    )

    day = [each for each in usage.usages if each.kind == INVITATION and each.per.seconds == 86400]
    assert [(each.limit, each.layer) for each in day] == [(4, "ramp")]


async def test_cool_downs_are_listed_told_and_over(house: Any) -> None:
    """It opens, people hear of it once, and hear again when it is over."""
    await cooled(house)
    request = pace_service_pb2.ListCoolDownsRequest(account_id=house.account.account_id)
    (found,) = (await house.stubs.pace.ListCoolDowns(request)).cool_downs
    await house.gateway.cool_downs.publish_over()
    house.clock.advance(found.end_time.seconds - house.clock.now() + 1)
    for _ in range(2):
        await house.gateway.cool_downs.publish_over()
    await house.relay()

    assert (found.kind, found.cause, found.level) == (INVITATION, "cannot_resend_yet", 1)
    told = [event for event in house.reported.events if "cool" in (event.WhichOneof("event") or "")]
    assert [event.WhichOneof("event") for event in told] == [
        "account_cooling_down",
        "account_cooled_down",
    ]
    assert told[0].account_cooling_down.end_time == found.end_time
    assert told[1].account_cooled_down.action == "invitation"


async def test_a_cool_down_ended_by_hand_wakes_who_waits(house: Any) -> None:
    """Whoever waited for it is woken, once; ending it again changes nothing."""
    await cooled(house)
    request = pace_service_pb2.EndCoolDownRequest(
        account_id=house.account.account_id, kind=INVITATION
    )

    for _ in range(2):
        await house.stubs.pace.EndCoolDown(request)
    await house.relay()

    kinds = [event.WhichOneof("event") for event in house.reported.events]
    assert kinds.count("account_cooled_down") == kinds.count("actions_freed") == 1
    assert [lead.lead_id for lead in house.reported.events[-1].leads] == ["lead_ada"]
    await house.perform(house.request("send_invitation", "bob"))


async def test_the_lead_is_not_disturbed_at_night(house: Any) -> None:
    """Noon in the account's zone is the evening in Tokyo: it waits for the morning there."""
    visit = house.request("visit_profile", "ada")
    visit.sending_window.CopyFrom(house.account.working_hours)
    visit.sending_window.opens, visit.sending_window.closes = "09:00", "18:00"
    visit.person_time_zone = "Asia/Tokyo"

    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(visit)

    assert told.value.reason == "WAITING_FOR_HOURS"
    # Working days there end when they begin here: it looks again much later.
    assert told.value.retry_after is not None
    assert told.value.retry_after >= timedelta(hours=12)


async def test_what_waits_is_counted_by_its_reason(house: Any) -> None:
    """Of one campaign, on the accounts asked for; what has gone is no more in line."""
    await house.perform(house.request("visit_profile", "ada"))
    for lead in ("bob", "cem"):
        with pytest.raises(NotYet):
            await house.stubs.actions.PerformAction(house.request("visit_profile", lead))

    counted = await house.stubs.pace.CountWaiting(
        pace_service_pb2.CountWaitingRequest(
            campaign_id="camp_1", account_ids=[house.account.account_id]
        )
    )
    elsewhere = await house.stubs.pace.CountWaiting(
        pace_service_pb2.CountWaitingRequest(
            campaign_id="camp_2", account_ids=[house.account.account_id]
        )
    )

    assert sum(each.actions for each in counted.waiting) == 2
    assert all(each.reason.startswith("WAITING_FOR") for each in counted.waiting)
    assert not elsewhere.waiting
    together = await house.stubs.pace.CountWaiting(
        pace_service_pb2.CountWaitingRequest(
            campaign_id="camp_2",
            campaign_ids=["camp_1"],
            account_ids=[house.account.account_id],
        )
    )
    assert list(together.waiting) == list(counted.waiting)
    assert {each.campaign_id for each in together.waiting} == {"camp_1"}
    with pytest.raises(InvalidArgument):
        await house.stubs.pace.CountWaiting(pace_service_pb2.CountWaitingRequest())
