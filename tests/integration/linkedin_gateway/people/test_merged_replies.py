"""Two who turn out to be one person: what the one has answered, the other's leads heed as well."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from linkedin_gateway.people.merging import merge
from outreach.linkedin.v1 import action_service_pb2 as pb
from outreach.linkedin.v1 import hold_pb2, hold_service_pb2
from servicekit.errors import FailedPrecondition, NotYet
from unipile_simulator.config import Knobs

from tests.integration.linkedin_gateway.conftest import ORGANIZATION
from tests.integration.linkedin_gateway.provider import reason_of
from tests.integration.linkedin_gateway.test_same_person import colleague

QUIET = Knobs(webhook_retry_floor=0.01, new_relation_delay_hours=0.0)
_WHO = ("public_identifier", "public_profile_url", "member_urn")


class Veiled(httpx.AsyncBaseTransport):
    """A provider whose profiles do not tell who somebody is, until they do."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own
        self.lifted = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._own.handle_async_request(request)
        raw = await answer.aread()
        if self.lifted or not request.url.path.startswith("/api/v1/users/"):
            return answer
        told = json.loads(raw)
        return httpx.Response(
            answer.status_code,
            json={name: value for name, value in told.items() if name not in _WHO},
        )


@pytest.mark.parametrize("responders", [False, True])
@pytest.mark.parametrize("deed", ["reply", "accept"])
async def test_a_lead_that_began_after_the_reply(
    open_house: Any, deed: str, *, responders: bool
) -> None:
    """A lead that began as somebody else, after they had responded, is held back once they are one.

    It is as one that comes later: it goes on if its campaign contacts responders.
    """
    veils: list[Veiled] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        veils.append(Veiled(own))
        return veils[-1]

    async with open_house(knobs=QUIET, transport=transport) as house:
        second = await colleague(house, "unipile-2")
        await house.perform(house.request("send_invitation", "ada", campaign_id="camp_1"))
        await house.people("ada", "accept")
        await house.perform(house.request("send_message", "ada", campaign_id="camp_1", text="Hi"))
        if deed == "reply":
            await house.people("ada", "reply", text="Not for us")
        await house.relay()
        await house.end_lead("ada")
        house.clock.advance(3600)
        other = house.request(
            "visit_profile", house.called("ada", "unipile-2")["classic"], campaign_id="camp_2"
        )
        other.account_id, other.lead_id = second, "lead_other"
        await house.perform(other)
        for veil in veils:
            veil.lifted = True
        house.clock.advance(2 * 86_400)
        await house.resolve(other.person.public_identifier, second)
        follow_up = house.request(
            "send_invitation", other.person.public_identifier, campaign_id="camp_2"
        )
        follow_up.account_id, follow_up.lead_id = second, "lead_other"
        follow_up.contact_responders = responders

        told = await reason_of(house.perform(follow_up))

        assert told == ("" if responders else "PERSON_RESPONDED_BEFORE")


@pytest.mark.parametrize(("deed", "reason"), [("reply", "ALREADY_REPLIED"), ("nothing", "")])
async def test_a_reply_from_before_they_were_one(open_house: Any, deed: str, reason: str) -> None:
    """Whoever has answered the one lead is left in peace by the other, once they are one."""
    veils: list[Veiled] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        veils.append(Veiled(own))
        return veils[-1]

    async with open_house(knobs=QUIET, transport=transport) as house:
        second = await colleague(house, "unipile-2")
        visit = house.request("visit_profile", "ada", campaign_id="camp_1")
        await house.perform(visit)
        other = house.request(
            "visit_profile", house.called("ada", "unipile-2")["classic"], campaign_id="camp_2"
        )
        other.account_id, other.lead_id = second, "lead_other"
        await house.perform(other)
        invitation = house.request("send_invitation", "ada", campaign_id="camp_1")
        await house.perform(invitation)
        await house.people("ada", "accept")
        await house.perform(house.request("send_message", "ada", campaign_id="camp_1", text="Hi"))
        if deed == "reply":
            await house.people("ada", "reply", text="Not for us")
        await house.relay()
        await house.end_lead("ada")
        for veil in veils:
            veil.lifted = True
        house.clock.advance(2 * 86_400)
        follow_up = house.request(
            "send_invitation", other.person.public_identifier, campaign_id="camp_2"
        )
        follow_up.account_id, follow_up.lead_id = second, "lead_other"
        await house.resolve(other.person.public_identifier, second)

        assert await reason_of(house.perform(follow_up)) == reason


LEAD = """
INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id, identifier,
       person_id, kind, state, priority, virtual_finish, created_at)
VALUES ($1 || $3, 'org_test', $2, 'camp_' || $1, 'lead_' || $1, $1, $4, 'visit', 'queued', 3, 1, $5)
"""
ENROL = """
INSERT INTO enrolments (organization_id, campaign_id, lead_id, person_id, enrolled_at, ended_at)
VALUES ('org_test', 'camp_' || $1, 'lead_' || $1, $2, $3, $4)
"""


async def test_what_was_said_to_the_one(house: Any) -> None:
    """What an owner wrote to somebody, and a machine of theirs answered, their other leads heed.

    Of what the owner wrote those that the account acted for as the other by then, and that are not
    over; of the machine all that had begun. The last message counts.
    """
    own, at = house.account.account_id, house.gateway.clock.now()
    hour = timedelta(hours=1)
    async with house.pool.acquire() as connection, connection.transaction():
        for lead, account, person, began in (
            ("one", own, "per_1", at),
            ("other", own, "per_2", at),
            ("wrote_too", own, "per_2", at),
            ("later", own, "per_2", at + 2 * hour),
            ("over", own, "per_2", at),
            ("colleagues", "acct_x", "per_2", at),
        ):
            await connection.execute(LEAD, lead, account, "/visit", person, began)
            ended = at if lead == "over" else None
            await connection.execute(ENROL, lead, person, began, ended)
        for table, column in (
            ("owner_messages", "written_at"),
            ("automatic_replies", "replied_at"),
        ):
            for lead, moment in (("one", at + hour), ("wrote_too", at)):
                await connection.execute(
                    f"INSERT INTO {table} (organization_id, campaign_id, lead_id, account_id,"
                    f" {column}) VALUES ('org_test', 'camp_' || $1, 'lead_' || $1, $2, $3)",
                    *(lead, own, moment),
                )

        await merge(connection, ORGANIZATION, ["per_2"], into="per_1")

        written = await connection.fetch("SELECT lead_id, written_at AS at FROM owner_messages")
        away = await connection.fetch("SELECT lead_id, replied_at AS at FROM automatic_replies")
    assert {row["lead_id"]: row["at"] - at for row in written} == {
        "lead_one": hour,
        "lead_other": hour,
        "lead_wrote_too": hour,
    }
    assert {row["lead_id"]: row["at"] - at for row in away} == {
        "lead_one": hour,
        "lead_other": hour,
        "lead_wrote_too": hour,
        "lead_over": hour,
        "lead_colleagues": hour,
    }


@pytest.mark.parametrize("known", ["nobody", "somebody"])
@pytest.mark.parametrize(
    ("owner_messages", "reason"),
    [
        (pb.OWNER_MESSAGES_END, "OWNER_WROTE"),
        (pb.OWNER_MESSAGES_PAUSE_UNTIL_ANSWERED, "OWNER_WROTE"),
        (pb.OWNER_MESSAGES_CONTINUE, ""),
    ],
)
async def test_the_owner_wrote_before_it_was_known_to_whom(
    house: Any, known: str, owner_messages: int, reason: str
) -> None:
    """What the owner writes to somebody whose lead waits under a name that nobody has looked at
    holds for the lead as soon as its profile shows who it is, and is published.

    It concerned nobody when it came, and the lead was visited and invited beside the owner.
    """
    if known == "somebody":
        await house.resolve(house.called("ada")["classic"])
        await house.pool.execute("DELETE FROM person_aliases WHERE kind = 'address'")
    visit = house.request("visit_profile", house.called("ada")["assigned name"])
    visit.lead_id, visit.owner_messages = "lead_ada", owner_messages
    await house.stubs.holds.PutHold(
        hold_service_pb2.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_ACCOUNT,
            subject_id=house.account.account_id,
            reason="A test.",
        )
    )
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(visit)
    house.clock.advance(3600)
    await house.people("ada", "write", text="Shall we talk?", attendee_specifics={})
    heard = await house.pool.fetchval("SELECT count(*) FROM owner_messages")
    await house.stubs.holds.LiftHold(
        hold_service_pb2.LiftHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id=house.account.account_id
        )
    )

    told = ""
    try:
        await house.until_sent(visit)
    except (FailedPrecondition, NotYet) as refused:
        told = refused.reason or ""
    await house.gateway.inbound.retry_due()
    await house.relay()

    assert not heard
    assert told == reason
    (event,) = house.reported.of("owner_wrote")
    assert [lead.lead_id for lead in event.leads] == ["lead_ada"]
