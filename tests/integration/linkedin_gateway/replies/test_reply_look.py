"""Right before a message goes, the chat is looked at: what a lost webhook did not tell is heard."""

import json
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from outreach.linkedin.v1 import action_service_pb2
from servicekit.errors import FailedPrecondition, NotYet

from tests.integration.linkedin_gateway.people.test_two_addresses import senders

DAY = 86_400
AWAY = "Automatic reply: I am out of the office until Monday."


async def connected(house: Any, lead: str) -> None:
    """Somebody was invited and accepted, and from now on no webhook comes."""
    await house.perform(house.request("send_invitation", lead))
    await house.people(lead, "accept")
    house.world.webhooks._by_id.clear()


async def refused(house: Any, request: Any) -> str:
    """Ask until it is refused; the reason."""
    with pytest.raises(FailedPrecondition) as told:
        await house.perform(request)
    assert told.value.reason is not None
    return told.value.reason


async def test_a_lost_reply_is_heard_before_the_message_goes(house: Any) -> None:
    """Nothing goes out, the lead is left in peace, it is published once, and no window is used."""
    await connected(house, "ada")
    await house.people("ada", "reply", text="Not for us")
    follow_up = house.request("send_message", "ada", text="Still there?")

    reason = await refused(house, follow_up)
    again = await refused(house, house.request("send_message", "ada", text="And now?"))
    await house.relay()

    assert (reason, again) == ("ALREADY_REPLIED", "ALREADY_REPLIED")
    assert not house.writes("message")
    (event,) = house.reported.of("reply_received")
    assert event.reply_received.text == "Not for us"
    assert [lead.lead_id for lead in event.leads] == ["lead_ada"]
    sent_at = await house.pool.fetchval(
        "SELECT sent_at FROM actions WHERE action_id = $1", follow_up.action_id
    )
    assert sent_at is None


async def test_who_says_go_on_goes_on(house: Any) -> None:
    """Under a policy that continues after a reply it is heard, and the message goes."""
    await connected(house, "ada")
    await house.people("ada", "reply", text="Sure")
    for text in ("Great!", "One more thing"):
        await house.perform(
            house.request("send_message", "ada", text=text, continue_after_reply=True)
        )
    await house.relay()

    assert len(house.writes("message")) == 2
    assert len(house.reported.of("reply_received")) == 1


async def test_a_machine_is_waited_out(house: Any) -> None:
    """A lost automatic reply makes the message wait as long as who asks says, and no longer."""
    await connected(house, "ada")
    await house.people("ada", "reply", text=AWAY)
    request = house.request("send_message", "ada", text="Hello again")
    request.automatic_reply_wait.CopyFrom(Duration(seconds=3 * DAY))
    before = house.clock.now()

    await house.perform(request)

    assert house.clock.now() - before >= 3 * DAY
    assert len(house.writes("message")) == 1


async def test_a_machine_counts_where_nobody_waits_for_it(house: Any) -> None:
    """Without such a policy an automatic reply is a reply."""
    await connected(house, "ada")
    await house.people("ada", "reply", text=AWAY)

    assert await refused(house, house.request("send_message", "ada", text="Hi")) == (
        "ALREADY_REPLIED"
    )


@pytest.mark.parametrize(("days", "goes"), [(3, False), (15, True)])
async def test_who_wrote_before_we_ever_turned_to_them(
    house: Any, days: int, *, goes: bool
) -> None:
    """Something open of the last two weeks is a reply; what is older is not."""
    house.world.webhooks._by_id.clear()
    await house.people("ada", "reply", text="Are you there?")
    account, ada = house.world.accounts.get("unipile-1"), house.world.people.known("ada")
    tie = house.world.relationships.between(account, ada, house.clock.now())
    tie.connected_at = house.clock.now()
    house.world.relationships.save(tie)
    house.clock.advance(days * DAY)
    request = house.request("send_message", "ada", text="Hello Ada")

    if goes:
        await house.perform(request)
    else:
        assert await refused(house, request) == "ALREADY_REPLIED"

    assert len(house.writes("message")) == int(goes)


async def test_what_a_colleague_has_done_closes_nothing(house: Any) -> None:
    """What is open with an account stays so, though another of the organization turned to them."""
    house.world.webhooks._by_id.clear()
    (_, _), (account_id, at_unipile) = (await senders(house))[:2]
    await house.people("ada", "reply", text="Are you there?", account_id=at_unipile)
    account, ada = house.world.accounts.get(at_unipile), house.world.people.known("ada")
    tie = house.world.relationships.between(account, ada, house.clock.now())
    tie.connected_at = house.clock.now()
    house.world.relationships.save(tie)
    house.clock.advance(3 * DAY)
    await house.perform(house.request("visit_profile", "ada", campaign_id="camp_0"))
    await house.end_lead("ada", "camp_0")
    house.clock.advance(DAY)

    request = house.request("send_message", "ada", text="Hello Ada")
    request.account_id = account_id

    assert await refused(house, request) == "ALREADY_REPLIED"
    assert not house.writes("message")


async def test_what_was_said_before_our_first_contact_is_no_reply(house: Any) -> None:
    """An old conversation that is over does not answer what began after it."""
    await house.people("ada", "reply", text="Old story")
    house.clock.advance(3 * DAY)
    await connected(house, "ada")

    await house.perform(house.request("send_message", "ada", text="Hello Ada"))

    assert len(house.writes("message")) == 1


@pytest.mark.parametrize("fault", ["500", "503", "drop", "html_502", "429"])
async def test_who_cannot_look_does_not_send(house: Any, fault: str) -> None:
    """While the store does not tell, the turn is given back; then it is as if nothing had been."""
    await connected(house, "ada")
    await house.people("ada", "reply", text="Not for us")
    await house.fault(route="/chat*", method="GET", fault=fault, times=None)
    request = house.request("send_message", "ada", text="Still there?")

    with pytest.raises(NotYet) as told:
        await house.until_sent(request)
    row = await house.pool.fetchrow(
        "SELECT state, sent_at FROM actions WHERE action_id = $1", request.action_id
    )
    assert told.value.reason == "PROVIDER_UNAVAILABLE"
    assert (row["state"], row["sent_at"]) == ("queued", None)

    await house.control.delete("/_simulator/faults")
    assert await refused(house, request) == "ALREADY_REPLIED"
    assert not house.writes("message")


async def test_an_inmail_looks_too(house: Any) -> None:
    """Whoever wrote gets no InMail either."""
    house.world.webhooks._by_id.clear()
    await house.perform(house.request("visit_profile", "ada"))
    await house.people("ada", "reply", text="Who are you?")

    request = house.request("send_inmail", "ada", text="Hello", subject="Hi")

    assert await refused(house, request) == "ALREADY_REPLIED"
    assert not house.writes("inmail")


@pytest.mark.parametrize("known_by", ["look", "poll"])
async def test_a_plain_message_is_answered_in_the_inbox_of_a_product(
    open_house: Any, known_by: str
) -> None:
    """Nobody told the id that the product has for the person; the member's number says who it is.

    The chat there is not the one that we write in.
    """
    async with open_house(tier="sales_navigator") as house:
        await house.resolve("ada")
        await connected(house, "ada")
        await house.perform(house.request("send_message", "ada", text="One"))
        await house.people("ada", "reply", text="Not for us", inbox="sales_navigator")
        if known_by == "poll":
            account = await house.account_row()
            await house.gateway.message_polling.poll(account, overlap_before=account.state_at)
            assert await house.pool.fetchval("SELECT count(*) FROM replies") == 1

        assert await refused(house, house.request("send_message", "ada", text="Two")) == (
            "ALREADY_REPLIED"
        )
        chats = {chat.feature: chat.id for chat in house.world.chats.of("unipile-1")}
        chat = await house.pool.fetchval("SELECT chat_id FROM profiles")
        kept = house.gateway.repositories.ids.opened("org_test", chat)
        assert kept == chats["classic"]


async def test_another_campaign_hears_of_it_for_its_own_lead(house: Any) -> None:
    """A reply that was heard for one campaign ends the other's lead too when it looks."""
    await connected(house, "ada")
    await house.people("ada", "reply", text="Not for us")
    await refused(house, house.request("send_message", "ada", text="One"))
    await house.end_lead("ada")
    second = house.request("send_message", "ada", text="Two", campaign_id="camp_2")
    second.contact_responders = True
    await refused(house, second)
    await house.relay()

    told = [
        [(lead.campaign_id, lead.lead_id) for lead in event.leads]
        for event in house.reported.of("reply_received")
    ]
    assert told == [[("camp_1", "lead_ada")], [("camp_2", "lead_ada")]]


@pytest.mark.parametrize("days", [0, 30])
async def test_as_far_back_as_it_could_be_a_reply(open_house: Any, days: int) -> None:
    """A reply in a product's inbox is found below a page of others, and however long ago."""
    async with open_house(tier="sales_navigator") as house:
        await house.resolve("ada")
        await connected(house, "ada")
        await house.people("ada", "reply", text="Not for us", inbox="sales_navigator")
        for number in range(0 if days else 101):
            lead = f"person-{number}"
            await house.people(lead, "reply", text="Hello", inbox="sales_navigator")
        house.clock.advance(days * DAY)

        request = house.request("send_message", "ada", text="Still there?")

        assert await refused(house, request) == "ALREADY_REPLIED"


async def test_a_long_conversation_is_read_to_where_it_began(house: Any) -> None:
    """What they wrote since we turned to them is heard below a page of what the owner wrote."""
    await connected(house, "ada")
    await house.people("ada", "reply", text="Not for us")
    chat = next(each for each in house.world.chats.of("unipile-1") if "ada" in each.public_ids)
    for number in range(101):
        house.clock.advance(1)
        chat.messages.append(
            replace(chat.messages[-1], id=f"own-{number}", sender=None, at=house.clock.now())
        )
    request = house.request("send_message", "ada", text="Still there?")
    request.owner_messages = action_service_pb2.OWNER_MESSAGES_CONTINUE

    assert await refused(house, request) == "ALREADY_REPLIED"


async def test_what_linkedin_refused_was_nobodys_first_contact(house: Any) -> None:
    """An open conversation stays open when the action before it was refused."""
    house.world.webhooks._by_id.clear()
    await house.people("ada", "reply", text="Are you there?")
    account, ada = house.world.accounts.get("unipile-1"), house.world.people.known("ada")
    tie = house.world.relationships.between(account, ada, house.clock.now())
    tie.connected_at = house.clock.now()
    house.world.relationships.save(tie)
    house.clock.advance(DAY)
    visit = house.request("visit_profile", "ada")
    await house.perform(visit)
    await house.pool.execute(
        "UPDATE actions SET state = 'failed' WHERE action_id = $1", visit.action_id
    )

    assert await refused(house, house.request("send_message", "ada", text="Hello Ada")) == (
        "ALREADY_REPLIED"
    )


@pytest.mark.parametrize("heard_by", ["webhook", "poll", "look"])
async def test_a_chat_that_the_store_did_not_tell_yet(open_house: Any, heard_by: str) -> None:
    """Whom a chat of a product is with is asked again where the store did not tell it at first."""
    async with open_house(tier="sales_navigator") as house:
        await house.resolve("ada")
        await connected(house, "ada")
        late = {"route": "/chats/{chat_id}/attendees", "method": "GET", "times": 1}
        await house.fault(fault="error", type="resource_not_found", **late)
        await house.people("ada", "reply", text="Not for us", inbox="sales_navigator")
        account = await house.account_row()
        chat = next(each for each in house.world.chats.of("unipile-1") if each.messages)
        if heard_by == "webhook":
            body = {
                "event": "message_received",
                "account_id": "unipile-1",
                "chat_id": chat.id,
                "message_id": chat.messages[-1].id,
                "message": "Not for us",
                "sender": {"attendee_provider_id": house.called("ada")["sales_navigator"]},
            }
            await house.gateway.inbound.receive(json.dumps(body).encode())
        if heard_by == "poll":
            await house.gateway.message_polling.poll(account, overlap_before=account.state_at)
        if heard_by == "look":
            assert not await house.gateway._chats.member_urn(account, chat.id)
        house.clock.advance(60)
        await house.gateway.inbound.retry_due()
        await house.relay()
        heard = len(house.reported.of("reply_received"))

        reason = await refused(house, house.request("send_message", "ada", text="Still there?"))

        assert reason == "ALREADY_REPLIED"
        assert heard == (heard_by != "look")
