"""Messages and InMails, sent and read back."""

from dataclasses import replace

import pytest
from unipile_simulator import Config, Knobs, Limits

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, HOUR, Make, Simulator, error


async def test_a_chat_is_started_once(sim: Simulator) -> None:
    """201 with ids; a second start goes into the same chat."""
    provider_id = await sim.person("jane-doe", "already_connected")

    first = await sim.write(provider_id, "hello")
    second = await sim.write(provider_id, "again")

    assert (first.status_code, first.json()["object"]) == (201, "ChatStarted")
    assert first.json()["chat_id"] == second.json()["chat_id"]
    assert first.json()["message_id"] != second.json()["message_id"]


@pytest.mark.parametrize(
    ("temperament", "expected"),
    [
        ("never_answers", "no_connection_with_recipient"),
        ("blocks", "blocked_recipient"),
        ("unreachable", "user_unreachable"),
        ("locked_profile", "invalid_recipient"),
        ("not_found", "invalid_recipient"),
    ],
)
async def test_people_who_cannot_be_written_to(
    sim: Simulator, temperament: str, expected: str
) -> None:
    """Each has its own 422, and nothing changes."""
    provider_id = await sim.person("jane-doe", temperament)

    assert error(await sim.write(provider_id, "hello")) == (422, expected)
    assert await sim.journal(changed="true") == []


async def test_a_removed_connection_cannot_be_written_to(sim: Simulator) -> None:
    """Who accepted and left again is not connected, in a new chat or the old one."""
    provider_id = await sim.person("jane-doe", "removes_connection")
    await sim.invite(provider_id)
    sim.clock.advance(2 * DAY)
    chat_id = (await sim.write(provider_id, "hello")).json().get("chat_id")
    sim.clock.advance(2 * DAY)

    assert error(await sim.write(provider_id, "x")) == (422, "no_connection_with_recipient")
    if chat_id:
        files = [("text", (None, "x"))]
        answer = await sim.http.post(f"/chats/{chat_id}/messages", files=files)
        assert error(answer) == (422, "no_connection_with_recipient")


async def test_a_message_needs_text_and_attendees(sim: Simulator) -> None:
    """Without either it is 400, and beyond 8000 characters too_many_characters."""
    provider_id = await sim.person("jane-doe", "already_connected")

    assert error(await sim.write(provider_id, "")) == (400, "invalid_parameters")
    assert error(await sim.write("", "hello")) == (400, "invalid_parameters")
    assert error(await sim.write(provider_id, "x" * 8001)) == (400, "too_many_characters")


async def test_messages_are_rationed(make: Make) -> None:
    """Over the day's number it is 429."""
    sim = make(Config(limits=replace(Limits(), messages_day=1)))
    provider_id = await sim.person("jane-doe", "already_connected")
    await sim.write(provider_id, "one")

    assert error(await sim.write(provider_id, "two")) == (429, "too_many_requests")


async def test_ids_may_be_withheld(make: Make) -> None:
    """With the knob, ChatStarted has null ids though the message was sent."""
    sim = make(Config(knobs=Knobs(null_chat_id=1.0)))
    provider_id = await sim.person("jane-doe", "already_connected")

    sent = (await sim.write(provider_id, "hello")).json()

    assert sent == {"object": "ChatStarted", "chat_id": None, "message_id": None}
    assert (await sim.state("jane-doe"))["messages"][0]["text"] == "hello"


async def test_messages_are_read_newest_first(sim: Simulator) -> None:
    """Flags are numbers, and the owner's messages are told by `is_sender`."""
    provider_id = await sim.person("jane-doe", "replies_to_first_followup")
    await sim.invite(provider_id, message="the note")
    sim.clock.advance(2 * DAY)
    chat_id = (await sim.write(provider_id, "hello")).json()["chat_id"]
    sim.clock.advance(2 * DAY)

    items = (await sim.http.get(f"/chats/{chat_id}/messages")).json()["items"]
    assert [item["is_sender"] for item in items] == [0, 1, 1]
    assert [item["message_type"] for item in items] == ["MESSAGE", "MESSAGE", "INVITATION"]
    assert items[0]["sender_id"] == provider_id
    answer = await sim.http.get(f"/chats/{chat_id}/messages", params={"sender_id": provider_id})
    assert answer.json()["items"] == items[:1]
    assert (await sim.get("/messages")).json()["items"] == items
    one = (await sim.http.get(f"/messages/{items[1]['id']}")).json()
    assert one == items[1]


async def test_bounds_want_three_decimals(sim: Simulator) -> None:
    """`after` and `before` are exclusive, and refuse what isoformat() writes."""
    provider_id = await sim.person("jane-doe", "already_connected")
    chat_id = (await sim.write(provider_id, "hello")).json()["chat_id"]
    path = f"/chats/{chat_id}/messages"

    at = "2026-01-05T08:00:00.000Z"
    exact = await sim.http.get(path, params={"after": at})
    earlier = await sim.http.get(path, params={"after": "2026-01-05T07:59:59.999Z"})
    wrong = await sim.http.get(path, params={"after": "2026-01-05T08:00:00+00:00"})
    assert exact.json()["items"] == []
    assert len(earlier.json()["items"]) == 1
    assert error(wrong) == (400, "invalid_parameters")


async def test_chats_are_found_by_person(sim: Simulator) -> None:
    """By attendee in the list, by provider id under attendees; 404 before there is one."""
    provider_id = await sim.person("jane-doe", "already_connected")
    path = f"/chat_attendees/{provider_id}"
    before = await sim.get(f"{path}/chats")
    chat_id = (await sim.write(provider_id, "hello")).json()["chat_id"]

    assert error(before) == (404, "resource_not_found")
    assert before.json()["detail"] == "Attendee not found"
    listed = (await sim.get("/chats")).json()["items"]
    assert [(it["id"], it["attendee_provider_id"]) for it in listed] == [(chat_id, provider_id)]
    assert (await sim.get(f"{path}/chats")).json()["items"] == listed
    assert (await sim.http.get(f"/chats/{chat_id}")).json()["lastMessage"]["text"] == "hello"
    attendee = (await sim.get(path)).json()
    assert attendee["specifics"]["network_distance"] == "DISTANCE_1"
    assert (await sim.get("/chat_attendees")).json()["items"] == [attendee]
    assert len((await sim.get(f"{path}/messages")).json()["items"]) == 1
    in_chat = (await sim.http.get(f"/chats/{chat_id}/attendees")).json()["items"]
    assert [it["is_self"] for it in in_chat] == [1, 0]


async def test_an_unknown_chat_is_404(sim: Simulator) -> None:
    """For reading and for writing."""
    read = await sim.http.get("/chats/nothing")
    write = await sim.http.post("/chats/nothing/messages", files=[("text", (None, "x"))])

    assert error(read) == error(write) == (404, "resource_not_found")


async def test_chats_are_marked_as_read(sim: Simulator) -> None:
    """`setReadStatus` clears the unread count."""
    await sim.person("jane-doe", "already_connected")
    await sim.control("POST", "/people/jane-doe/reply", text="hi", account_id=ACCOUNT)
    chat = (await sim.get("/chats", unread="true")).json()["items"][0]

    body = {"action": "setReadStatus", "value": True}
    assert (await sim.http.patch(f"/chats/{chat['id']}", json=body)).json() == {
        "object": "ChatPatched"
    }
    assert chat["unread_count"] == 1
    assert (await sim.get("/chats", unread="true")).json()["items"] == []


async def test_an_inmail_costs_a_credit(sim: Simulator) -> None:
    """It reaches strangers, once until they answer, and the balance goes down."""
    provider_id = await sim.person("jane-doe", "replies_to_first_followup")
    balance = (await sim.get("/linkedin/inmail_balance")).json()["premium"]

    answer = await sim.write(provider_id, "hello", **{"linkedin[inmail]": "true", "subject": "s"})

    assert answer.status_code == 201
    assert (await sim.get("/linkedin/inmail_balance")).json()["premium"] == balance - 1
    again = await sim.write(provider_id, "again", **{"linkedin[inmail]": "true"})
    assert error(again) == (422, "cant_send_message")
    assert (await sim.get("/chats")).json()["items"][0]["content_type"] == "inmail"
    sim.clock.advance(2 * DAY)
    types = [it["type"] for it in (await sim.state("jane-doe"))["messages"]]
    assert types == ["INMAIL", "INMAIL_REPLY"]


async def test_who_may_send_an_inmail(make: Make) -> None:
    """Not a free account, not without credits, not to who refuses; open profiles are free."""
    free, paid = make(tier="free"), make()
    inmail = {"linkedin[inmail]": "true"}
    to_free = await free.person("jane-doe", "never_answers")
    stranger = await paid.person("jane-doe", "never_answers")
    refuses = await paid.person("refuses", "refuses_inmail")
    open_ = await paid.person("open", "open_profile")
    paid.world.accounts.get(ACCOUNT).grant({"premium": 0})

    assert error(await free.write(to_free, "x", **inmail)) == (403, "feature_not_subscribed")
    assert error(await paid.write(refuses, "x", **inmail)) == (422, "not_allowed_inmail")
    assert error(await paid.write(stranger, "x", **inmail)) == (422, "insufficient_credits")
    assert (await paid.write(open_, "x", **inmail)).status_code == 201
    assert [it["kind"] for it in await paid.journal(changed="true")] == ["inmail"]


async def test_products_need_their_subscription(sim: Simulator) -> None:
    """`linkedin[api]=recruiter` on a premium account is 403."""
    provider_id = await sim.person("jane-doe", "already_connected")

    answer = await sim.write(provider_id, "x", **{"linkedin[api]": "recruiter"})

    assert error(answer) == (403, "feature_not_subscribed")


async def test_search_pages_through_people(sim: Simulator) -> None:
    """Every result once, none beyond the total, and each resolves as a profile."""
    body = {"api": "classic", "category": "people", "keywords": "logistics"}
    ids, cursor = [], None
    while True:
        query = {"account_id": ACCOUNT, "limit": "50"} | ({"cursor": cursor} if cursor else {})
        page = (await sim.http.post("/linkedin/search", params=query, json=body)).json()
        ids += [item["id"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(set(ids)) == len(ids) == page["paging"]["total_count"]
    assert (await sim.get(f"/users/{ids[0]}")).status_code == 200


async def test_an_offline_account_is_read_as_it_was(sim: Simulator) -> None:
    """What was written meanwhile is there only after the account is back."""
    provider_id = await sim.person("jane-doe", "replies_to_first_followup")
    await sim.invite(provider_id)
    sim.clock.advance(2 * DAY)
    chat_id = (await sim.write(provider_id, "hello")).json()["chat_id"]
    sim.clock.advance(1 * HOUR)
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="CREDENTIALS")
    sim.clock.advance(2 * DAY)

    stale = (await sim.http.get(f"/chats/{chat_id}/messages")).json()["items"]
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="RECONNECTED")
    fresh = (await sim.http.get(f"/chats/{chat_id}/messages")).json()["items"]
    assert (len(stale), len(fresh)) == (1, 2)


async def test_a_received_invitation_is_replied_to(sim: Simulator) -> None:
    """Who has invited the owner can be written to by the invitation's id, while it waits."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.control("POST", "/people/jane-doe/invite", account_id=ACCOUNT)
    item = (await sim.get("/users/invite/received")).json()["items"][0]
    reply = {"linkedin[invitation_id]": item["id"]}

    bare = await sim.write(provider_id, "hello")
    other = await sim.write(provider_id, "hello", **{"linkedin[invitation_id]": "1"})
    answer = await sim.write(provider_id, "hello", **reply)

    assert error(bare) == (422, "no_connection_with_recipient")
    assert error(other) == (400, "invalid_parameters")
    assert (answer.status_code, answer.json()["object"]) == (201, "ChatStarted")
