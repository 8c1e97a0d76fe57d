"""What the provider's clock says of everything that happened."""

import httpx
import pytest

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Simulator, error


async def test_everything_is_told_by_the_provider_s_clock(sim: Simulator) -> None:
    """Calls, what people did, orders and webhooks stand in one line, each at its instant."""
    await sim.listen("messaging")
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.invite(provider_id, message="the note")
    sim.clock.advance(DAY)
    await sim.control("POST", "/people/jane-doe/accept")
    await sim.control("POST", "/people/jane-doe/reply", text="hi")
    await sim.receiver.next()
    await sim.receiver.next()
    await sim.world.deliveries.drain()
    await sim.control("POST", "/people/jane-doe/rename", public_identifier="jane-now")
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="CREDENTIALS")

    audit = await sim.control("GET", "/audit")

    told = [(it["at"][:10], it["kind"] or it["event"]) for it in audit["items"]]
    assert told[1:3] == [("2026-01-05", "invite"), ("2026-01-06", "accepted")]
    assert {what for _, what in told[3:]} == {"replied", "webhook", "renamed", "credentials"}
    assert [it["target"] for it in audit["items"] if it["target"]] == ["jane-doe"] * 4
    assert audit["clock"]["now"].startswith("2026-01-06")


async def test_a_late_call_counts_when_it_landed(sim: Simulator) -> None:
    """Its instant is that of the landing, though it was received before others."""
    provider_id = await sim.person("jane-doe", "already_connected")
    await sim.control(
        "POST", "/faults", route="/chats", fault="drop_late", seconds=60, clock="virtual"
    )
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.write(provider_id, "late")
    sim.clock.advance(1)
    await sim.write(provider_id, "soon")
    sim.clock.advance(59)

    items = (await sim.control("GET", "/audit"))["items"]

    changed = [(it["text"], it["at"], it["applied_at"]) for it in items if it["changed"]]
    assert [text for text, *_ in changed] == ["soon", "late"]
    assert all(at == applied_at for _, at, applied_at in changed)
    late = next(it for it in items if it["direction"] == "late")
    assert late["received_at"] < changed[0][1] < late["at"]


async def test_a_mark_of_one_s_own(sim: Simulator) -> None:
    """A test may write "the hold has returned" at the provider's instant; it needs words."""
    await sim.control("POST", "/marks", text="the hold has returned", account_id=ACCOUNT)

    (mark,) = (await sim.control("GET", "/audit"))["items"]
    answer = await sim.http.post("http://simulator/_simulator/marks", json={})

    assert (mark["event"], mark["text"]) == ("mark", "the hold has returned")
    assert mark["account_id"] == ACCOUNT
    assert error(answer) == (400, "invalid_parameters")


async def test_the_journal_is_of_calls_unless_asked(sim: Simulator) -> None:
    """What happened by itself is left out of the plain journal, and numbered all the same."""
    await sim.person("jane-doe", "already_connected")
    await sim.control("POST", "/people/jane-doe/reply", text="hi", account_id=ACCOUNT)
    await sim.get("/users/me")

    assert [it["seq"] for it in await sim.journal()] == [2]
    assert [it["seq"] for it in await sim.journal(world="true")] == [1, 2]
    assert (await sim.control("GET", "/audit?since_seq=1"))["last_seq"] == 2
