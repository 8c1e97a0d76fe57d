"""Caps are exact, across callers, processes' pools and restarts."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.models import ActionState, Kind
from linkedin_gateway.pace.decisions import Go, Wait
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    action_pb2,
    action_service_pb2,
    pace_service_pb2,
)
from servicekit.errors import NotYet
from servicekit.postgres import pool as postgres

from tests.contracts.ledger import ACCOUNT, CLOCK, LEASE, NOW, RULES, asked, resolved
from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.ledger.test_postgres import PostgresStore


def assert_no_window_over(times: list[datetime], actions: int, per: timedelta) -> None:
    times = sorted(times)
    for first, later in zip(times, times[actions:], strict=False):
        assert later - first >= per


@pytest.mark.lasts(seconds=10)
async def test_concurrent_replicas(gateway_url: str) -> None:
    """Three replicas with callers of their own: not one action over any cap, none in parallel."""
    on_wire: list[str] = []
    went: list[datetime] = []
    done: set[str] = set()

    async def call(ledger: PostgresLedger, replica: int, now: datetime) -> None:
        for number in range(8):
            request = asked(1000 * replica + number, kind=Kind.INVITATION)
            decision = await ledger.decide(request, now=now, resolve=resolved)
            if not isinstance(decision, Go):
                assert isinstance(decision, Wait) or request.action_id in done
                continue
            done.add(request.action_id)
            on_wire.append(request.action_id)
            assert len(on_wire) == 1, "two writes of one account at once"
            went.append(now)
            await asyncio.sleep(0)
            on_wire.clear()
            await ledger.finish(decision.action, AttemptResult(state=ActionState.DONE), now=now)

    async with (
        postgres.connect_pool(gateway_url, "gateway", max_size=4) as one,
        postgres.connect_pool(gateway_url, "gateway", max_size=4) as two,
        postgres.connect_pool(gateway_url, "gateway", max_size=4) as three,
    ):
        store = PostgresStore(one)
        await store.put_account(ACCOUNT)
        await store.know(
            f"person-{1000 * replica + lead}" for replica in range(12) for lead in range(8)
        )
        ledgers = [
            PostgresLedger(pool, pool, sealing(), rules=RULES, lease=LEASE, clock=CLOCK)
            for pool in (one, two, three)
        ]
        for round_ in range(120):
            now = NOW + timedelta(minutes=7 * round_)
            await asyncio.gather(
                *(call(ledger, replica, now) for replica, ledger in enumerate(ledgers))
            )

    assert_no_window_over(went, 5, timedelta(hours=1))
    assert_no_window_over(went, 20, timedelta(days=1))
    assert len(went) == 20, "the day's cap is also used up"


async def test_customer_cap_binds_and_is_named(house: Any) -> None:
    """A cap that the customer set lower binds, and the refusal says which, and when it frees."""
    account_id = house.account.account_id
    cap = account_pb2.Cap(kind=action_pb2.ACTION_KIND_VISIT, actions=1)
    cap.per.FromTimedelta(timedelta(days=1))
    await house.stubs.accounts.UpdateAccount(
        account_service_pb2.UpdateAccountRequest(
            account_id=account_id, caps=account_service_pb2.UpdateAccountRequest.Caps(caps=[cap])
        )
    )
    await house.perform(house.request("visit_profile", "ada"))

    house.clock.advance(300)
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(house.request("visit_profile", "bob"))

    assert told.value.reason == "WAITING_FOR_CAP"
    (quota,) = told.value.quota
    assert "customer visit per day: 1 of 1 used" in quota.description


async def test_a_cap_is_set_once_by_its_request_id(house: Any) -> None:
    """Whose answer was lost asks again, and does not undo what was set meanwhile."""
    cap = account_pb2.Cap(kind=action_pb2.ACTION_KIND_VISIT, actions=1)
    cap.per.FromTimedelta(timedelta(days=1))
    update, caps = house.stubs.accounts.UpdateAccount, account_service_pb2.UpdateAccountRequest.Caps
    named = {"account_id": house.account.account_id}
    request = account_service_pb2.UpdateAccountRequest(
        **named, caps=caps(caps=[cap]), request_id="one"
    )

    first = await update(request)
    await update(account_service_pb2.UpdateAccountRequest(**named, caps=caps()))

    assert await update(request) == first
    now = await house.stubs.accounts.GetAccount(account_service_pb2.GetAccountRequest(**named))
    assert list(now.account.caps) == []


async def test_raised_cap_wakes_those_who_wait(house: Any) -> None:
    """Who waits for a cap is woken when it is raised."""
    await test_customer_cap_binds_and_is_named(house)

    await house.stubs.accounts.UpdateAccount(
        account_service_pb2.UpdateAccountRequest(
            account_id=house.account.account_id,
            caps=account_service_pb2.UpdateAccountRequest.Caps(),
        )
    )
    await house.relay()

    (freed,) = house.reported.of("actions_freed")
    assert [lead.lead_id for lead in freed.leads] == ["lead_bob"]


async def test_usage_is_told_from_the_ledger(house: Any) -> None:
    """GetAccountUsage counts what went, per kind and window, and names the layer."""
    for lead in ("ada", "bob"):
        await house.perform(house.request("visit_profile", lead))

    usage = await house.stubs.pace.GetAccountUsage(
        pace_service_pb2.GetAccountUsageRequest(account_id=house.account.account_id)
    )

    visits = {
        each.per.ToTimedelta(): (each.used, each.limit, each.layer)
        for each in usage.usages
        if each.kind == action_pb2.ACTION_KIND_VISIT
    }
    assert visits == {
        timedelta(hours=1): (2, 15, "tier"),
        timedelta(days=1): (2, 80, "tier"),
        timedelta(days=7): (2, 400, "tier"),
    }


async def test_notes_of_a_free_account_are_told(open_house: Any) -> None:
    """The quota of notes is a row of its own: five a month, of which one is used."""
    async with open_house(tier="free") as house:
        await house.perform(house.request("send_invitation", "ada", note="Hello"))
        await house.perform(house.request("send_invitation", "bob"))

        usage = await house.stubs.pace.GetAccountUsage(
            pace_service_pb2.GetAccountUsageRequest(account_id=house.account.account_id)
        )

        rows = {
            (each.notes, each.per.ToTimedelta().days): (each.used, each.limit)
            for each in usage.usages
            if each.kind == action_pb2.ACTION_KIND_INVITATION
        }
        assert (rows[True, 30], rows[False, 7]) == ((1, 5), (2, 60))


async def test_explain_action(house: Any) -> None:
    """A waiting action tells what stands in its way, and when that ends."""
    await house.perform(house.request("visit_profile", "ada"))
    waiting = house.request("visit_profile", "bob")
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(waiting)

    explained = await house.stubs.actions.ExplainAction(
        action_service_pb2.ExplainActionRequest(
            organization_id=waiting.organization_id, action_id=waiting.action_id
        )
    )

    assert [obstacle.reason for obstacle in explained.obstacles] == ["WAITING_FOR_GAP"]
    assert explained.action.state == action_pb2.ACTION_STATE_QUEUED
    assert explained.action.HasField("turn_time")
