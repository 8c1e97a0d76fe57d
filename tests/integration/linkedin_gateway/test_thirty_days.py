"""A campaign of thirty days, with LinkedIn's own limits enforced by the simulator."""

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from outreach.linkedin.v1 import account_service_pb2, action_service_pb2
from servicekit.errors import FailedPrecondition, NotYet
from unipile_simulator.config import Limits
from unipile_simulator.journal import Entry

from tests.integration.linkedin_gateway.conftest import ALWAYS, UNIPILE_ACCOUNT

DAY = 86400.0
LEADS = 110
"""Of each account: more than LinkedIn takes in a day."""
WITHDRAWN_AFTER = 8 * DAY


def refusals(entries: list[Entry]) -> set[str]:
    """By what LinkedIn stopped the accounts."""
    return {
        (entry.error or "").rpartition("/")[2]
        for entry in entries
        if entry.direction == "in" and entry.status in {422, 429}
    }


async def accounts(house: Any) -> list[str]:
    """Two accounts, on the plan that the fixture's has."""
    house.world.add_account("unipile-2", tier="premium")
    second = await house.stubs.accounts.RegisterAccount(
        account_service_pb2.RegisterAccountRequest(
            organization_id="org_test", unipile_account_id="unipile-2", working_hours=ALWAYS
        )
    )
    # Both have been in use for long: nothing is to be warmed up.
    await house.pool.execute("UPDATE accounts SET created_at = created_at - interval '2 years'")
    return [house.account.account_id, second.account.account_id]


class Campaign:
    """Every lead is visited, invited, and every third withdrawn from, as callers would."""

    def __init__(self, house: Any) -> None:
        self._house = house
        self._due: list[tuple[float, int, action_service_pb2.PerformActionRequest]] = []
        self._numbers = count()
        self.asked = 0
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def add(self, at: float, kind: str, account_id: str, lead: str) -> None:
        request = self._house.request(kind, lead)
        request.account_id = account_id
        heapq.heappush(self._due, (at, next(self._numbers), request))

    async def run(self, *, until: float) -> None:
        """Come exactly when told to, until a moment."""
        clock = self._house.clock
        while self._due and self._due[0][0] <= until:
            at, number, request = heapq.heappop(self._due)
            clock.advance(max(0.0, at - clock.now()))
            self.asked += 1
            kind = str(request.WhichOneof("action"))
            try:
                await self._house.stubs.actions.PerformAction(request)
            except NotYet as wait:
                later = clock.now() + (wait.retry_after or timedelta()).total_seconds()
                heapq.heappush(self._due, (later, number, request))
            except FailedPrecondition as refused:
                self.failed[refused.reason] += 1
            else:
                self.done[kind] += 1
                self._follow(kind, request)

    def _follow(self, kind: str, request: action_service_pb2.PerformActionRequest) -> None:
        lead, now = request.person.public_identifier, self._house.clock.now()
        if kind == "visit_profile":
            self.add(now + 3600, "send_invitation", request.account_id, lead)
        if kind == "send_invitation" and lead.endswith(("0", "3", "6", "9")):
            self.add(now + WITHDRAWN_AFTER, "withdraw_invitation", request.account_id, lead)


async def campaign(house: Any) -> Campaign:
    """All leads come at once; their accounts pace them."""
    made = Campaign(house)
    for number, account_id in enumerate(await accounts(house)):
        for lead in range(LEADS):
            at = house.clock.now() + lead
            made.add(at, "visit_profile", account_id, f"lead-{number}-{lead}")
    return made


@pytest.mark.lasts(seconds=10)
async def test_thirty_days_without_a_refusal(open_house: Callable[..., Any]) -> None:
    """Paced by the default caps, LinkedIn stops nobody, and the whole campaign gets done."""
    async with open_house() as house:
        began = house.clock.now()
        made = await campaign(house)

        await made.run(until=began + 30 * DAY)

        assert refusals(house.world.journal.entries) == set()
        assert made.failed == {}
        assert made.done["visit_profile"] == made.done["send_invitation"] == 2 * LEADS
        assert made.done["withdraw_invitation"] >= LEADS // 2
        sent = house.writes("invite")
        days = Counter(
            (entry.account_id, int((entry.received_at - began) // DAY)) for entry in sent
        )
        assert max(days.values()) <= 40
        assert {entry.account_id for entry in sent} == {UNIPILE_ACCOUNT, "unipile-2"}
        # Told their own turn, callers come hardly more often than they must.
        assert made.asked <= 5 * sum(made.done.values())


@pytest.mark.lasts(seconds=10)
async def test_a_fresh_account_ramps_up(open_house: Callable[..., Any]) -> None:
    """Connected today, with few connections: each day holds no more than the ramp, LinkedIn
    stops it nowhere, and by the end of the month it has caught up."""
    async with open_house() as house:
        began, account_id = house.clock.now(), house.account.account_id
        house.world.accounts.get(UNIPILE_ACCOUNT).connections = 120
        await house.pool.execute("UPDATE accounts SET since = $1", house.gateway.clock.now())
        made = Campaign(house)
        for lead in range(LEADS):
            made.add(began + lead, "visit_profile", account_id, f"lead-{lead}")

        for day in range(30):
            await house.gateway.connection_counter.count_due()
            await made.run(until=began + (day + 1) * DAY)

        assert refusals(house.world.journal.entries) == set()
        assert made.failed == {}
        assert made.done["visit_profile"] == made.done["send_invitation"] == LEADS
        days = Counter(int((entry.received_at - began) // DAY) for entry in house.writes("invite"))
        ramp = [(4, 4), (8, 8), (14, 12), (30, 15)]
        for until, most in ramp:
            assert max(count for day, count in days.items() if day < until) <= most
        assert [days[day] for day in (0, 5, 9)] == [4, 8, 12]


@pytest.mark.lasts(seconds=40)
@pytest.mark.parametrize(
    ("limits", "stopped_by"),
    [
        (Limits(), "too_many_requests"),
        (Limits(profiles_day=None), "cannot_resend_yet"),
    ],
    ids=["429", "422"],
)
async def test_open_caps_run_into_linkedin(
    open_house: Callable[..., Any], limits: Limits, stopped_by: str
) -> None:
    """The same campaign without caps is stopped on its first day: by the budget of profile
    reads, and where there is none by that of invitations."""
    async with open_house(sandbox_open_caps=True, limits=limits) as house:
        made = await campaign(house)

        began = house.clock.now()
        for hour in range(1, 13):
            await made.run(until=began + hour * DAY / 24)
            if refusals(house.world.journal.entries):
                break

        assert refusals(house.world.journal.entries) == {stopped_by}
        assert made.done["send_invitation"] < 2 * LEADS
