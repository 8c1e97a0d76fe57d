"""What LinkedIn tells: stored, joined to leads, told once and in order to campaign-api."""

import asyncio
from typing import Any

import httpx
import pytest
from outreach.linkedin.v1 import person_pb2
from outreach.linkedin.v1 import person_service_pb2 as pb
from servicekit.errors import FailedPrecondition

from tests.integration.linkedin_gateway.conftest import SECRET, TOKEN


async def post(house: Any, body: Any, *, token: str = TOKEN, secret: str = SECRET) -> int:
    """One webhook, as Unipile delivers it: without a content type."""
    transport = httpx.ASGITransport(app=house.gateway.webhooks)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        answer = await http.post(
            f"/webhooks/unipile/{token}",
            content=body
            if isinstance(body, bytes)
            else httpx.Request("POST", "/", json=body).read(),
            headers={"Unipile-Auth": secret},
        )
        return answer.status_code


async def invited(house: Any, lead: str, note: str = "") -> None:
    await house.perform(house.request("send_invitation", lead, note=note))


@pytest.mark.parametrize(
    ("token", "secret"), [("wrong", SECRET), (TOKEN, "wrong"), (TOKEN, ""), ("wrong", "wrong")]
)
async def test_only_unipile_is_heard(house: Any, token: str, secret: str) -> None:
    """Without the path and the header there is nothing to be seen, and nothing is stored."""
    status = await post(house, {"event": "new_relation"}, token=token, secret=secret)

    assert status == 404
    assert await house.pool.fetchval("SELECT count(*) FROM inbound") == 0


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff\xfe", b'"text"'])
async def test_unreadable_bodies(house: Any, body: bytes) -> None:
    """What is not a JSON object is refused and does no harm."""
    assert await post(house, body) == 400


async def test_unknown_events_are_kept(house: Any) -> None:
    """What is not understood is stored and answered, and nothing follows."""
    assert await post(house, {"event": "message_reaction", "nobody": ["knows"]}) == 200
    assert await post(house, {"event": "message_reaction", "nobody": ["knows"]}) == 200

    assert await house.pool.fetchval("SELECT count(*) FROM inbound") == 1


async def test_acceptance_is_told_once(house: Any) -> None:
    """An accepted invitation reaches the lead that sent it, once, however often it is heard."""
    await invited(house, "ada")
    await house.people("ada", "accept")
    relation = {
        "event": "new_relation",
        "account_id": "unipile-1",
        "user_provider_id": house.writes("invite")[0].target_provider_id,
        "user_public_identifier": "ada",
    }
    await post(house, relation)
    house.clock.advance(86400)
    await post(house, relation)
    await house.relay()

    (event,) = house.reported.of("invitation_accepted")
    assert [(lead.campaign_id, lead.lead_id) for lead in event.leads] == [("camp_1", "lead_ada")]
    assert event.account_id == house.account.account_id


async def test_note_that_opens_a_chat_is_an_acceptance(house: Any) -> None:
    """With a note, acceptance is heard at once from the chat that it opens, and not as a reply."""
    await invited(house, "ada", note="Hello Ada")
    await house.people("ada", "accept")
    await house.relay()

    assert len(house.reported.of("invitation_accepted")) == 1
    assert not house.reported.of("reply_received")


async def test_somebody_else_connects(house: Any) -> None:
    """A connection that no lead asked for is nobody's acceptance."""
    await post(
        house,
        {
            "event": "new_relation",
            "account_id": "unipile-1",
            "user_provider_id": "ACoSomebody",
            "user_public_identifier": "somebody",
        },
    )
    await house.relay()

    assert not house.reported.events


async def test_reply_stops_what_waits(house: Any) -> None:
    """A reply is told to the lead, and from then on nothing more is sent to it."""
    await invited(house, "ada")
    await house.people("ada", "accept")
    await house.perform(house.request("send_message", "ada", text="Thanks!"))
    await house.people("ada", "reply", text="Yes, please.")
    await house.relay()

    with pytest.raises(FailedPrecondition) as told:
        await house.stubs.actions.PerformAction(
            house.request("send_message", "ada", text="Still there?")
        )
    going_on = house.request("send_message", "ada", text="Great!", continue_after_reply=True)
    await house.perform(going_on)

    (reply,) = house.reported.of("reply_received")
    assert reply.reply_received.text == "Yes, please."
    assert [lead.lead_id for lead in reply.leads] == ["lead_ada"]
    assert told.value.reason == "ALREADY_REPLIED"
    assert len(house.writes("message")) == 2


async def test_own_messages_are_no_replies(house: Any) -> None:
    """What the account writes comes back as a webhook, and is not taken for a reply."""
    await invited(house, "ada")
    await house.people("ada", "accept")
    await house.perform(house.request("send_message", "ada", text="Thanks!"))
    await house.settle()
    await house.relay()

    assert not house.reported.of("reply_received")


async def test_events_survive_an_absent_campaign_api(house: Any) -> None:
    """While campaign-api is away events wait; then it hears all of them, in order."""
    house.reported.failures = 2
    forwarding = asyncio.create_task(house.gateway.relay.run())
    await invited(house, "ada")
    await house.people("ada", "accept")
    await house.people("ada", "reply", text="Hello")

    await house.until(lambda: len(house.reported.events) >= 2)
    forwarding.cancel()

    kinds = [event.WhichOneof("event") for event in house.reported.events]
    assert kinds == ["invitation_accepted", "reply_received"]
    assert house.reported.failures == 0


async def test_heard_again_after_a_crash(house: Any) -> None:
    """What was stored by a process that died before making sense of it is heard by another."""
    await invited(house, "ada")
    provider_id = house.writes("invite")[0].target_provider_id
    body = {"event": "new_relation", "account_id": "unipile-1", "user_provider_id": provider_id}
    await house.pool.execute(
        "INSERT INTO inbound VALUES ('relation/left', $1, now() - interval '10 years')", body
    )

    await house.gateway.inbound.retry_due()
    await house.relay()

    assert len(house.reported.of("invitation_accepted")) == 1


async def test_polling_finds_what_no_webhook_said(house: Any) -> None:
    """Webhooks that never came are made up for by one reading of the relations."""
    house.world.webhooks._by_id.clear()
    for lead in ("ada", "bob"):
        await invited(house, lead)
    await house.people("ada", "accept")
    house.clock.advance(86400)
    found = await house.gateway.polling.poll(await house.account_row())
    again = await house.gateway.polling.poll(await house.account_row())
    await house.relay()

    assert (found, again) == (1, 0)
    (event,) = house.reported.of("invitation_accepted")
    assert [lead.lead_id for lead in event.leads] == ["lead_ada"]


async def test_an_acceptance_that_a_profile_showed_first(house: Any) -> None:
    """Somebody reads the profile before anybody is told: the lead hears of it all the same."""
    house.world.webhooks._by_id.clear()
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    house.clock.advance(86400)
    await house.stubs.people.GetProfile(
        pb.GetProfileRequest(
            account_id=house.account.account_id,
            person=person_pb2.Person(public_identifier="ada"),
        )
    )

    for _ in range(2):
        await house.gateway.polling.poll(await house.account_row())
        await house.relay()

    (told,) = house.reported.of("invitation_accepted")
    assert [lead.lead_id for lead in told.leads] == ["lead_ada"]
    due = await house.gateway.repositories.polling.due(now=house.gateway.clock.now(), limit=5)
    assert not due


async def test_webhooks_are_registered_once(house: Any) -> None:
    """Starting again, or several at once, leaves one webhook of each source."""
    await house.gateway.webhook_registration.register()
    await asyncio.gather(
        house.gateway.webhook_registration.register(), house.gateway.webhook_registration.register()
    )

    registered = [webhook async for webhook in house.gateway.unipile.webhooks.all()]
    assert sorted(webhook.source for webhook in registered) == [
        "account_status",
        "messaging",
        "users",
    ]
