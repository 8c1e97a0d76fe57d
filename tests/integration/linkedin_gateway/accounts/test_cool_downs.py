"""LinkedIn asks an account to slow down: one kind rests, nobody is lost."""

from datetime import UTC, timedelta
from typing import Any

import httpx
import pytest
from linkedin_gateway.models import Kind
from servicekit.errors import NotYet

from tests.integration.linkedin_gateway.conftest import UNIPILE_ACCOUNT
from tests.integration.linkedin_gateway.provider import Scripted, reason_of


@pytest.mark.parametrize("error", ["cannot_resend_yet", "limit_exceeded", "too_many_requests"])
async def test_throttled_kind_cools_down(house: Any, error: str) -> None:
    """LinkedIn asks to slow down: that kind waits for hours, others go on, nobody is lost."""
    first, second = (house.request("send_invitation", lead) for lead in ("ada", "bob"))
    await house.fault(method="POST", route="/users/invite", fault="error", type=error)

    with pytest.raises(NotYet) as told:
        await house.until_sent(first)
    with pytest.raises(NotYet) as other:
        await house.stubs.actions.PerformAction(second)
    await house.perform(house.request("visit_profile", "cara"))
    await house.perform(first)
    await house.perform(second)

    assert told.value.reason == other.value.reason == "COOLING_DOWN"
    assert told.value.retry_after is not None
    assert 12 <= told.value.retry_after.total_seconds() / 3600 <= 72
    assert len(house.writes("invite")) == 2


async def test_the_time_that_linkedin_asks_for(open_house: Any) -> None:
    """A `Retry-After` longer than any cool-down of ours is honoured to the second."""
    told = {"Retry-After": str(100 * 3600)}
    async with open_house(transport=Scripted) as house:
        visit = house.request("visit_profile", "ada")
        house.sender.next("/users/ada", lambda _: httpx.Response(429, headers=told), done=False)

        with pytest.raises(NotYet) as wait:
            await house.stubs.actions.PerformAction(visit)

        assert wait.value.reason == "COOLING_DOWN"
        assert wait.value.retry_after >= timedelta(hours=100)
        assert not house.writes("visit")


async def test_a_longer_time_asked_for_later_is_told(house: Any) -> None:
    """What was on its way when it opened changes nothing; a later end is told to people."""
    account, cool_downs = await house.account_row(), house.gateway.cool_downs
    ends = []
    for retry_after in (None, None, timedelta(hours=50)):
        ends.append(
            await cool_downs.refused(account, Kind.REACTION, cause="429", retry_after=retry_after)
        )
        house.clock.advance(60)
    await house.relay()

    told = [
        event.account_cooling_down.end_time.ToDatetime(UTC)
        for event in house.reported.of("account_cooling_down")
    ]
    assert ends[0] == ends[1] < ends[2]
    assert told == [ends[0], ends[2]]


@pytest.mark.parametrize("kind", ["visit_profile", "send_invitation"])
async def test_throttled_sections_are_a_request_to_slow_down(open_house: Any, kind: str) -> None:
    """A profile that comes without parts of it serves, and visits and lookups rest."""

    def throttled(answer: httpx.Response) -> httpx.Response:
        body = {**answer.json(), "throttled_sections": ["experience"]}
        return httpx.Response(200, json=body)

    async with open_house(transport=Scripted) as house:
        name = "ada"
        if kind == "visit_profile":
            name = (await house.resolve("ada")).provider_id
        house.sender.next(f"/users/{name}", throttled)

        await house.perform(house.request(kind, "ada"))
        with pytest.raises(NotYet) as wait:
            await house.until_sent(house.request("visit_profile", "bob"))

        assert wait.value.reason == "COOLING_DOWN"
        causes = await house.pool.fetch("SELECT kind, cause FROM cool_downs ORDER BY kind")
        assert [(row["kind"], row["cause"]) for row in causes] == [
            ("lookup", "throttled_sections"),
            ("visit", "throttled_sections"),
        ]


async def test_a_quota_that_is_nearly_used(open_house: Any) -> None:
    """At nine tenths of LinkedIn's own quota invitations rest for a day; the last one counts."""

    def nearly(answer: httpx.Response) -> httpx.Response:
        return httpx.Response(200, json={**answer.json(), "usage": 90})

    async with open_house(transport=Scripted) as house:
        house.sender.next("/users/invite", nearly)

        outcome = await house.perform(house.request("send_invitation", "ada"))
        with pytest.raises(NotYet) as wait:
            await house.until_sent(house.request("send_invitation", "bob"))

        assert outcome.invitation_id
        assert wait.value.reason == "COOLING_DOWN"
        assert wait.value.retry_after > timedelta(hours=20)


async def test_cool_downs_escalate(house: Any) -> None:
    """The second cool-down within a week lasts twice as long."""
    invitation = house.request("send_invitation", "ada")
    waits = []
    for _ in range(2):
        await house.fault(
            method="POST", route="/users/invite", fault="error", type="cannot_resend_yet"
        )
        with pytest.raises(NotYet) as told:
            await house.until_sent(invitation)
        assert told.value.retry_after is not None
        waits.append(told.value.retry_after)
        house.clock.advance(waits[-1].total_seconds())

    assert waits[1] > 1.5 * waits[0]


@pytest.mark.parametrize(("withdrawn", "expected"), [(False, ""), (True, "INVITED_TOO_RECENTLY")])
async def test_refused_because_of_one_person(house: Any, *, withdrawn: bool, expected: str) -> None:
    """The word for a used-up account said of one person: their profile tells, others go on."""
    sent = await house.perform(house.request("send_invitation", "ada"))
    if withdrawn:
        await house.gateway.unipile.invitations.withdraw(UNIPILE_ACCOUNT, sent.invitation_id)
    await house.pool.execute("DELETE FROM actions")
    await house.fault(method="POST", route="/users/invite", fault="error", type="cannot_resend_yet")

    refused = await reason_of(house.perform(house.request("send_invitation", "ada")))
    await house.perform(house.request("send_invitation", "bob"))

    assert refused == expected
    assert not await house.pool.fetchval("SELECT count(*) FROM cool_downs")
