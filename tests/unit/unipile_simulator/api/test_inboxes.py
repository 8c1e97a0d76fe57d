"""Chats in the inbox of a product, and what a person can do in each."""

from typing import Any

import pytest
from unipile_simulator import Config, Knobs
from unipile_simulator.people.ids import product_of

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Make, Simulator, error


async def product_ids(sim: Simulator, public_id: str) -> dict[str, str]:
    ids: dict[str, str] = (await sim.control("GET", f"/people/{public_id}"))["ids"][ACCOUNT]
    return ids


def inmail(product: str) -> dict[str, str]:
    return {"linkedin[api]": product, "linkedin[inmail]": "true"}


async def test_a_reply_in_the_product_inbox_is_another_chat(make: Make) -> None:
    """Its chat, message, attendee and webhook have the product's id, folder and feature."""
    sim = make(tier="sales_navigator")
    await sim.listen("messaging")
    classic = await sim.person("jane-doe", "already_connected")
    sent = (await sim.write(classic, "hello")).json()
    await sim.receiver.next()
    sim.clock.advance(1)
    await sim.control(
        "POST", "/people/jane-doe/reply", text="hi", account_id=ACCOUNT, inbox="sales_navigator"
    )
    told = await sim.receiver.next()
    ids = await product_ids(sim, "jane-doe")

    chats = (await sim.get("/chats")).json()["items"]
    other = next(chat for chat in chats if chat["id"] != sent["chat_id"])
    assert other["attendee_provider_id"] == ids["sales_navigator"]
    assert other["folder"] == ["INBOX", "INBOX_LINKEDIN_SALES_NAVIGATOR"]
    assert (told["chat_id"], told["account_info"]["feature"]) == (other["id"], "sales_navigator")
    assert told["sender"]["attendee_provider_id"] == ids["sales_navigator"]
    message = (await sim.get("/messages")).json()["items"][0]
    assert (message["text"], message["sender_id"]) == ("hi", ids["sales_navigator"])
    attendees = (await sim.get(f"/chats/{other['id']}/attendees")).json()["items"]
    assert {product_of(each["provider_id"]) for each in attendees} == {"sales_navigator"}


async def test_attendees_are_of_one_inbox(make: Make) -> None:
    """The chats of a classic id are classic; the product's id has those of its inbox."""
    sim = make(tier="sales_navigator")
    classic = await sim.person("jane-doe", "already_connected")
    await sim.write(classic, "hello")
    await sim.control(
        "POST", "/people/jane-doe/reply", text="hi", account_id=ACCOUNT, inbox="sales_navigator"
    )
    ids = await product_ids(sim, "jane-doe")

    async def chats(attendee_id: str) -> Any:
        items = (await sim.get(f"/chat_attendees/{attendee_id}/chats")).json()["items"]
        return [item["folder"][1] for item in items]

    assert await chats(classic) == ["INBOX_LINKEDIN_CLASSIC"]
    assert await chats(ids["sales_navigator"]) == ["INBOX_LINKEDIN_SALES_NAVIGATOR"]
    assert error(await sim.get(f"/chat_attendees/{ids['recruiter']}/chats"))[0] == 404
    everybody = (await sim.get("/chat_attendees")).json()["items"]
    assert {each["provider_id"] for each in everybody} == {classic, ids["sales_navigator"]}
    by_id = (await sim.get(f"/chat_attendees/{everybody[1]['id']}/messages")).json()["items"]
    assert [item["text"] for item in by_id] == ["hi"]


async def test_a_product_message_is_answered_where_it_was_sent(make: Make) -> None:
    """An InMail of Sales Navigator opens a chat in its inbox, and the answer stands there."""
    sim = make(tier="sales_navigator")
    await sim.person("jane-doe", "open_profile")
    ids = await product_ids(sim, "jane-doe")

    answer = await sim.write(ids["sales_navigator"], "hello", **inmail("sales_navigator"))
    sim.clock.advance(2 * DAY)

    chat_id = answer.json()["chat_id"]
    messages = (await sim.http.get(f"/chats/{chat_id}/messages")).json()["items"]
    kinds = [item["message_type"] for item in messages]
    assert kinds == ["INMAIL_REPLY", "INMAIL"]
    assert len((await sim.get("/chats")).json()["items"]) == 1


async def test_a_product_wants_its_own_ids(make: Make) -> None:
    """A classic id in a Sales Navigator call is 422, and nothing changes."""
    sim = make(tier="sales_navigator")
    classic = await sim.person("jane-doe", "open_profile")

    answer = await sim.write(classic, "hello", **inmail("sales_navigator"))

    assert error(answer) == (422, "invalid_recipient")
    assert await sim.journal(changed="true") == []


async def test_answers_move_to_the_product_inbox_on_demand(make: Make) -> None:
    """With the knob, the answer to a classic message comes in the other inbox."""
    sim = make(Config(knobs=Knobs(product_inbox_replies=1.0)), tier="recruiter")
    classic = await sim.person("jane-doe", "out_of_office")
    await sim.invite(classic)
    sim.clock.advance(2 * DAY)
    await sim.write(classic, "hello")
    sim.clock.advance(DAY)

    newest = (await sim.get("/messages")).json()["items"][0]
    assert newest["is_sender"] == 0
    assert newest["sender_id"] == (await product_ids(sim, "jane-doe"))["recruiter"]


async def test_the_webhook_carries_what_live_ones_carry(sim: Simulator) -> None:
    """No public identifier, the id in the URL, the member's urn, and flags."""
    await sim.listen("messaging", name="inbox")
    provider_id = await sim.person("jane-doe", "already_connected")
    await sim.control("POST", "/people/jane-doe/reply", text="hi", account_id=ACCOUNT)

    told = await sim.receiver.next()

    sender = told["sender"]
    assert sender["attendee_public_identifier"] is None
    assert sender["attendee_profile_url"] == f"https://www.linkedin.com/in/{provider_id}"
    assert sender["attendee_specifics"]["member_urn"].startswith("urn:li:member:")
    assert sender["attendee_specifics"]["network_distance"] == "DISTANCE_1"
    assert told["attendees"] == [sender]
    flags = ("is_sender", "is_event", "event_type", "is_group", "chat_pinned")
    assert [told[name] for name in flags] == [False, 0, None, False, 0]
    assert told["webhook_name"] == "inbox"


async def test_an_edit_is_told_as_one(sim: Simulator) -> None:
    """`message_edited` has the message's id and new text; the API shows it as edited."""
    await sim.listen("messaging", events=["message_received", "message_edited"])
    await sim.person("jane-doe", "already_connected")
    await sim.control("POST", "/people/jane-doe/reply", text="yes", account_id=ACCOUNT)
    first = await sim.receiver.next()
    await sim.control("POST", "/people/jane-doe/edit", text="no", account_id=ACCOUNT)

    told = await sim.receiver.next()

    assert (told["event"], told["message"]) == ("message_edited", "no")
    assert told["message_id"] == first["message_id"]
    message = (await sim.http.get(f"/messages/{first['message_id']}")).json()
    assert (message["text"], message["edited"]) == ("no", 1)


async def test_one_cannot_edit_what_one_never_wrote(sim: Simulator) -> None:
    """Without a message there is nothing to change."""
    await sim.person("jane-doe", "already_connected")
    path = "http://simulator/_simulator/people/jane-doe/edit"

    for body, expected in (({"text": "x"}, 404), ({}, 400)):
        answer = await sim.http.post(path, json={"account_id": ACCOUNT} | body)
        assert error(answer)[0] == expected


@pytest.mark.parametrize(
    ("flag", "lie"), [("is_sender", True), ("is_event", 1), ("is_group", True)]
)
async def test_a_flag_may_lie(sim: Simulator, flag: str, lie: object) -> None:
    """Ordered for one message: the webhook says what it is told to, the ids stay true."""
    await sim.listen("messaging")
    provider_id = await sim.person("jane-doe", "already_connected")
    order = {"text": "hi", "account_id": ACCOUNT, flag: lie}
    await sim.control("POST", "/people/jane-doe/reply", **order)

    told = await sim.receiver.next()

    assert told[flag] == lie
    assert told["sender"]["attendee_provider_id"] == provider_id


async def test_an_event_is_marked_as_one(sim: Simulator) -> None:
    """Calls and the like have `is_event` and a number, in the webhook and in the list."""
    await sim.listen("messaging")
    await sim.person("jane-doe", "already_connected")
    await sim.control("POST", "/people/jane-doe/reply", text="x", account_id=ACCOUNT, event_type=3)

    told = await sim.receiver.next()

    message = (await sim.get("/messages")).json()["items"][0]
    assert (told["is_event"], told["event_type"]) == (1, 3)
    assert (message["is_event"], message["event_type"]) == (1, 3)


async def test_an_order_must_be_readable(sim: Simulator) -> None:
    """An unknown inbox, and an event that is no number, are 400."""
    await sim.person("jane-doe", "already_connected")
    path = "http://simulator/_simulator/people/jane-doe/reply"

    for wrong in ({"inbox": "fax"}, {"event_type": "call"}, {"text": ""}):
        answer = await sim.http.post(path, json={"text": "x", "account_id": ACCOUNT} | wrong)
        assert error(answer) == (400, "invalid_parameters")


async def test_the_owner_writes_by_hand(make: Make) -> None:
    """It stands in the chat and in a webhook as the owner's, and no call was made for it."""
    sim = make()
    await sim.listen("messaging")
    classic = await sim.person("jane-doe", "already_connected")
    await sim.control("POST", "/people/jane-doe/write", text="Call me", account_id=ACCOUNT)
    told = await sim.receiver.next()

    (message,) = (await sim.get("/messages")).json()["items"]
    assert (message["text"], message["is_sender"]) == ("Call me", 1)
    assert (told["message_id"], told["is_sender"]) == (message["id"], True)
    assert [each["attendee_provider_id"] for each in told["attendees"]] == [classic]
    assert not (await sim.control("GET", "/journal?kind=message"))["items"]
