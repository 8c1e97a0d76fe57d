"""Webhooks that go wrong on order, and registrations that Unipile breaks."""

import json
from pathlib import Path
from typing import Any

import pytest
from unipile_simulator import Config, Knobs, ManualClock
from unipile_simulator.store import SqliteStore

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, HOUR, Make, Simulator, error

STATUS = f"/accounts/{ACCOUNT}/status"


async def say(sim: Simulator, *texts: str) -> None:
    for text in texts:
        await sim.control("POST", "/people/jane-doe/reply", text=text, account_id=ACCOUNT)


async def heard(sim: Simulator) -> list[str]:
    """Everything that was delivered, in its order."""
    await sim.world.deliveries.drain()
    texts = []
    while not sim.receiver.requests.empty():
        texts.append((await sim.receiver.next())["message"])
    return texts


async def listening(sim: Simulator) -> None:
    await sim.listen("messaging", name="first")
    await sim.person("jane-doe", "already_connected")


async def test_one_is_lost_on_order(sim: Simulator) -> None:
    """It is never sent, though the message lies in Unipile's store; the next one is."""
    await listening(sim)
    await sim.control("POST", "/faults", fault="webhook_lost", event="message_received")
    await say(sim, "stop", "please")

    assert await heard(sim) == ["please"]
    stored = [item["text"] for item in (await sim.get("/messages")).json()["items"]]
    assert sorted(stored) == ["please", "stop"]


async def test_one_is_doubled_on_order(sim: Simulator) -> None:
    """The same payload twice."""
    await listening(sim)
    await sim.control("POST", "/faults", fault="webhook_doubled", account_id=ACCOUNT)
    await say(sim, "stop")

    assert await heard(sim) == ["stop", "stop"]


async def test_one_is_overtaken_on_order(sim: Simulator) -> None:
    """It is sent after the next one to the same address."""
    await listening(sim)
    await sim.control("POST", "/faults", fault="webhook_reordered")
    await say(sim, "first", "second")

    assert await heard(sim) == ["second", "first"]


async def test_one_is_late_on_order(sim: Simulator) -> None:
    """By the virtual clock after its seconds, and not before."""
    await listening(sim)
    await sim.control("POST", "/faults", fault="webhook_late", seconds=HOUR, clock="virtual")
    await say(sim, "late")
    sim.clock.advance(HOUR - 1)
    assert sim.receiver.requests.empty()
    sim.clock.advance(1)

    assert (await sim.receiver.next())["message"] == "late"


async def test_one_is_late_by_the_real_clock(sim: Simulator) -> None:
    """The virtual clock stands still."""
    await listening(sim)
    await sim.control("POST", "/faults", fault="webhook_late", seconds=0.01)
    await say(sim, "late")

    assert await heard(sim) == ["late"]


async def test_an_order_is_of_its_event_and_account(sim: Simulator) -> None:
    """Others are delivered as always."""
    await listening(sim)
    await sim.control("POST", "/faults", fault="webhook_lost", event="message_edited")
    await sim.control("POST", "/faults", fault="webhook_lost", account_id="account-2")
    await say(sim, "stop")

    assert await heard(sim) == ["stop"]


async def test_a_knob_reorders(make: Make) -> None:
    """With certainty, nothing is sent before something comes after it; the last waits."""
    sim = make(Config(knobs=Knobs(reordered_webhooks=1.0)))
    await listening(sim)
    await say(sim, "first", "second")

    assert await heard(sim) == []


async def test_an_overtaken_one_outlives_the_process(make: Make, tmp_path: Path) -> None:
    """It is delivered by the next process at the latest."""
    path = tmp_path / "state.db"
    sim = make(store=SqliteStore(path))
    await listening(sim)
    await sim.control("POST", "/faults", fault="webhook_reordered")
    await say(sim, "first")

    again = make(clock=ManualClock(sim.clock.now()), store=SqliteStore(path))
    await again.http.get("/accounts")

    assert (await again.receiver.next())["message"] == "first"


async def test_a_registration_is_disabled_at_the_provider(sim: Simulator) -> None:
    """It stays listed as disabled and hears nothing, until it is enabled again."""
    await listening(sim)
    (webhook,) = (await sim.control("POST", "/webhooks/disable"))["items"]
    await say(sim, "stop")

    assert [it["enabled"] for it in (await sim.http.get("/webhooks")).json()["items"]] == [False]
    assert await heard(sim) == []
    await sim.control("POST", f"/webhooks/{webhook['id']}/enable")
    await say(sim, "again")
    assert await heard(sim) == ["again"]


async def test_a_registration_is_deleted_at_the_provider(sim: Simulator) -> None:
    """One or all; what is not there cannot be."""
    await listening(sim)
    other = await sim.listen("users")

    assert await sim.control("DELETE", f"/webhooks/{other}") == {"deleted": 1}
    assert await sim.control("DELETE", "/webhooks") == {"deleted": 1}
    assert (await sim.http.get("/webhooks")).json()["items"] == []
    for method, path in (("DELETE", ""), ("POST", "/disable")):
        answer = await sim.http.request(
            method, f"http://simulator/_simulator/webhooks/{other}{path}"
        )
        assert error(answer) == (404, "resource_not_found")
    await say(sim, "stop")
    assert await heard(sim) == []


@pytest.mark.parametrize(
    ("knobs", "left"),
    [
        (Knobs(registrations_disabled_after_hours=24), [False]),
        (Knobs(registrations_deleted_after_hours=24), []),
    ],
)
async def test_registrations_age(make: Make, knobs: Knobs, left: list[bool]) -> None:
    """By config: a day after it was made, a registration is off or gone."""
    sim = make(Config(knobs=knobs))
    await listening(sim)
    sim.clock.advance(DAY - 1)
    await say(sim, "heard")
    sim.clock.advance(1)
    await say(sim, "unheard")

    assert await heard(sim) == ["heard"]
    items = (await sim.http.get("/webhooks")).json()["items"]
    assert [it["enabled"] for it in items] == left
    events = [it["event"] for it in await sim.journal(world="true")]
    assert any(str(event).startswith("webhook_") for event in events)


async def test_the_secrets_of_headers_stay_hidden(sim: Simulator) -> None:
    """The control route names the headers of a registration, not what is in them."""
    await sim.listen("users", headers=[{"key": "Unipile-Auth", "value": "s3cret"}])

    (webhook,) = (await sim.control("GET", "/webhooks"))["items"]

    assert webhook["headers"] == ["Unipile-Auth"]


async def test_history_brings_messages_of_two_years_ago(sim: Simulator) -> None:
    """They arrive now, in the list and by webhook, with the time at which they were written."""
    await listening(sim)
    await sim.get("/users/jane-doe")
    await say(sim, "new")
    answer = await sim.control("POST", f"/accounts/{ACCOUNT}/history", messages=2)
    told: list[Any] = [await sim.receiver.next() for _ in range(3)]

    assert answer == {"arrived": 2}
    stamps = sorted(it["timestamp"] for it in told)
    assert [stamp[:4] for stamp in stamps] == ["2024", "2024", "2026"]
    messages = (await sim.get("/messages")).json()["items"]
    assert [item["timestamp"][:4] for item in messages] == ["2026", "2024", "2024"]


async def test_history_comes_with_a_sign_in(make: Make) -> None:
    """By a knob: who reconnects is synchronised, and old messages come as if they were new."""
    sim = make(Config(knobs=Knobs(history_messages=1)))
    await listening(sim)
    await sim.get("/users/jane-doe")
    await sim.control("POST", STATUS, status="CREDENTIALS")
    await sim.control("POST", STATUS, status="RECONNECTED")

    told = await sim.receiver.next()

    assert (told["event"], told["is_sender"]) == ("message_received", False)
    assert told["timestamp"].startswith("2024-")


async def test_one_old_message_may_come_alone(sim: Simulator) -> None:
    """`days_ago` on a reply, with or without a webhook."""
    await listening(sim)
    path = "/people/jane-doe/reply"
    order = {"account_id": ACCOUNT, "days_ago": 730}
    await sim.control("POST", path, text="silent", webhook=False, **order)
    await sim.control("POST", path, text="told", **order)

    assert await heard(sim) == ["told"]
    assert len((await sim.get("/messages")).json()["items"]) == 2


@pytest.mark.parametrize("text", ["Yes\x00 please", "Yes \ud83d", "\ud83e\uddf5"])
async def test_people_write_what_no_database_keeps(make: Make, tmp_path: Path, text: str) -> None:
    """A NUL and half an emoji arrive as they were written, by webhook, list and restart."""
    path = tmp_path / "state.db"
    sim = make(store=SqliteStore(path))
    await listening(sim)
    body = json.dumps({"text": text, "account_id": ACCOUNT})
    await sim.http.post("http://simulator/_simulator/people/jane-doe/reply", content=body)

    told = (await sim.receiver.next())["message"]

    again = make(clock=ManualClock(sim.clock.now()), store=SqliteStore(path))
    kept = (await again.get("/messages")).json()["items"][0]["text"]
    assert json.dumps(told) == json.dumps(kept) == json.dumps(text)
