"""What customers are told, how, and how often."""

import time

import pytest
from unipile_simulator import Config, Knobs, VirtualClock

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, HOUR, Make, Simulator, error

FAST = VirtualClock(epoch=time.time(), speed=1_000_000.0)
EAGER = Config(knobs=Knobs(webhook_retry_floor=0.001))


async def test_webhooks_are_created_listed_and_deleted(sim: Simulator) -> None:
    """201, then in the list with its defaults, then gone; twice is two."""
    first = await sim.listen("messaging", name="one")
    second = await sim.listen("messaging", name="one")

    items = (await sim.http.get("/webhooks")).json()["items"]
    assert [item["id"] for item in items] == [first, second]
    assert items[0]["events"] == ["message_received"]
    assert items[0]["account_ids"][0]["id"] == ACCOUNT
    assert (await sim.http.delete(f"/webhooks/{first}")).json() == {"object": "WebhookDeleted"}
    assert error(await sim.http.delete(f"/webhooks/{first}")) == (404, "resource_not_found")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"source": "messaging"}, "invalid_parameters"),
        ({"source": "fax", "request_url": "http://receiver/hook"}, "invalid_parameters"),
        ({"source": "users", "request_url": "receiver/hook"}, "invalid_url"),
        (
            {"source": "users", "request_url": "http://r/", "events": ["message_read"]},
            "invalid_parameters",
        ),
        ({"source": "users", "request_url": "http://r/", "headers": [{}]}, "invalid_parameters"),
    ],
)
async def test_bad_registrations_are_400(
    sim: Simulator, body: dict[str, object], expected: str
) -> None:
    """An address, a source and its events are looked at."""
    assert error(await sim.http.post("/webhooks", json=body)) == (400, expected)


async def test_only_registered_headers_are_sent(sim: Simulator) -> None:
    """The secret comes back; a Content-Type only when it was registered."""
    await sim.listen("account_status", headers=[{"key": "Unipile-Auth", "value": "s3cret"}])
    await sim.listen(
        "account_status", headers=[{"key": "Content-Type", "value": "application/json"}]
    )
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="CREDENTIALS")

    seen = [(await sim.receiver.next_request())[0] for _ in range(2)]
    plain, typed = sorted(seen, key=lambda headers: "content-type" in headers)
    assert plain["unipile-auth"] == "s3cret"
    assert "content-type" not in plain
    assert typed["content-type"] == "application/json"


async def test_account_status_has_its_own_envelope(sim: Simulator) -> None:
    """Upper-case message, no `event`; OK is told only to who asked for it."""
    await sim.listen("account_status")
    await sim.listen("account_status", events=["ok"])
    path = f"/accounts/{ACCOUNT}/status"
    await sim.control("POST", path, status="CREDENTIALS")
    credentials = await sim.receiver.next()
    await sim.control("POST", path, status="RECONNECTED")
    after = [await sim.receiver.next() for _ in range(2)]

    assert credentials == {
        "AccountStatus": {
            "account_id": ACCOUNT,
            "account_type": "LINKEDIN",
            "message": "CREDENTIALS",
        }
    }
    assert {it["AccountStatus"]["message"] for it in after} == {"RECONNECTED", "OK"}


async def test_a_new_relation_is_told_hours_late(sim: Simulator) -> None:
    """Flat payload, 0-8 hours after the acceptance."""
    await sim.listen("users", name="relations")
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.invite(provider_id)
    await sim.control("POST", "/people/jane-doe/accept")
    assert await sim.journal(kind="webhook") == []
    sim.clock.advance(8 * HOUR)

    payload = await sim.receiver.next()
    assert payload["event"] == "new_relation"
    assert payload["user_provider_id"] == provider_id
    assert payload["user_public_identifier"] == "jane-doe"
    assert (payload["account_id"], payload["webhook_name"]) == (ACCOUNT, "relations")


async def test_an_accepted_note_opens_a_chat_at_once(sim: Simulator) -> None:
    """The note comes as the owner's own message of type INVITATION."""
    await sim.listen("messaging")
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.invite(provider_id, message="the note")
    await sim.control("POST", "/people/jane-doe/accept")

    payload = await sim.receiver.next()
    assert (payload["event"], payload["message"]) == ("message_received", "the note")
    assert payload["is_sender"] is True
    assert payload["message_type"] == "INVITATION"
    assert payload["sender"]["attendee_provider_id"] == payload["account_info"]["user_id"]
    assert payload["attendees"][0]["attendee_provider_id"] == provider_id


async def test_own_messages_and_replies_are_both_told(sim: Simulator) -> None:
    """The sender tells them apart; the chat and message ids are those of the API."""
    await sim.listen("messaging")
    provider_id = await sim.person("jane-doe", "already_connected")
    sent = (await sim.write(provider_id, "hello")).json()
    own = await sim.receiver.next()
    await sim.control("POST", "/people/jane-doe/reply", text="hi", account_id=ACCOUNT)
    reply = await sim.receiver.next()

    assert (own["chat_id"], own["message_id"]) == (sent["chat_id"], sent["message_id"])
    assert (own["is_sender"], reply["is_sender"]) == (True, False)
    assert reply["sender"]["attendee_provider_id"] == provider_id
    assert reply["chat_id"] == sent["chat_id"]


async def test_what_happened_while_offline_is_told_afterwards(sim: Simulator) -> None:
    """With its late timestamp, once the account is back."""
    await sim.listen("messaging")
    await sim.person("jane-doe", "already_connected")
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="CREDENTIALS")
    await sim.control("POST", "/people/jane-doe/reply", text="hi", account_id=ACCOUNT)
    assert (await sim.control("GET", f"/accounts/{ACCOUNT}"))["events_held"] == 1
    sim.clock.advance(DAY)
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="OK")

    assert (await sim.receiver.next())["timestamp"] == "2026-01-05T08:00:00.000Z"


async def test_only_200_ends_the_retries(make: Make) -> None:
    """204 and 500 are tried again; the journal has each attempt."""
    sim = make(EAGER, clock=FAST)
    sim.receiver.answers = [204, 500, 200]
    await sim.listen("account_status")
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="ERROR")

    first, *more = [await sim.receiver.next() for _ in range(3)]
    await sim.world.deliveries.drain()
    assert more == [first, first]
    entries = await sim.journal(kind="webhook")
    assert [(it["attempt"], it["status"]) for it in entries] == [(1, 204), (2, 500), (3, 200)]
    assert entries[0]["direction"] == "out"


async def test_after_five_retries_it_is_lost(make: Make) -> None:
    """Six attempts, then never again."""
    sim = make(EAGER, clock=FAST)
    sim.receiver.answers = [500] * 10
    await sim.listen("account_status")
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="ERROR")
    await sim.receiver.next()
    await sim.world.deliveries.drain()

    assert [it["attempt"] for it in await sim.journal(kind="webhook")] == [1, 2, 3, 4, 5, 6]


async def test_duplicates_and_losses_on_demand(make: Make) -> None:
    """The knobs make each delivery two, or none."""
    twice = make(Config(knobs=Knobs(duplicate_webhooks=1.0)))
    never = make(Config(knobs=Knobs(lost_webhooks=1.0)))
    for sim in (twice, never):
        await sim.listen("account_status")
        await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="ERROR")
        await sim.world.deliveries.drain()

    assert (twice.receiver.requests.qsize(), never.receiver.requests.qsize()) == (2, 0)


async def test_late_webhooks_are_overtaken(make: Make) -> None:
    """Held back for minutes of virtual time, then delivered."""
    sim = make(Config(knobs=Knobs(late_webhooks=1.0)))
    await sim.listen("account_status")
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="ERROR")
    assert sim.receiver.requests.empty()
    sim.clock.advance(HOUR)

    assert (await sim.receiver.next())["AccountStatus"]["message"] == "ERROR"


async def test_fields_are_chosen_and_renamed(sim: Simulator) -> None:
    """`data` picks fields of the payload under names of one's own."""
    await sim.listen("messaging", data=[{"name": "what", "key": "message"}])
    provider_id = await sim.person("jane-doe", "already_connected")
    await sim.write(provider_id, "hello")

    assert await sim.receiver.next() == {"what": "hello"}


async def test_accounts_are_chosen(sim: Simulator) -> None:
    """A webhook for another account hears nothing."""
    await sim.control("POST", "/accounts", id="account-2")
    await sim.listen("account_status", account_ids=["account-2"])
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="ERROR")
    await sim.control("POST", "/accounts/account-2/status", status="STOPPED")
    await sim.control("POST", "/accounts/account-2/status", status="ERROR")

    payload = await sim.receiver.next()
    await sim.world.deliveries.drain()
    assert payload["AccountStatus"] == {
        "account_id": "account-2",
        "account_type": "LINKEDIN",
        "message": "ERROR",
    }
    assert sim.receiver.requests.empty()
