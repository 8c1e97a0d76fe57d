"""Calls that land after their answer was lost, and reads that lag behind the world."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from unipile_simulator import Config, Knobs, ManualClock
from unipile_simulator.store import SqliteStore

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Make, Simulator, error

LATE = {"fault": "drop_late", "seconds": 45, "clock": "virtual"}


async def order(sim: Simulator, route: str, **more: Any) -> Any:
    return await sim.control("POST", "/faults", route=route, **more)


async def test_it_lands_after_the_connection_was_cut(sim: Simulator) -> None:
    """Not yet at 44 s, there at 45 s; the journal tells of both, and of nothing twice."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await order(sim, "/users/invite", **LATE)
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.invite(provider_id, message="the note")
    left_at = (await sim.journal())[0]["received_at"]

    sim.clock.advance(44)
    before = (await sim.get("/users/invite/sent")).json()["items"]
    sim.clock.advance(1)
    after = (await sim.get("/users/invite/sent")).json()["items"]

    assert (before, len(after)) == ([], 1)
    cut, landed = await sim.journal(kind="invite")
    assert (cut["direction"], cut["changed"], cut["status"]) == ("in", False, None)
    assert (landed["direction"], landed["changed"], landed["status"]) == ("late", True, 200)
    assert cut["landing"] == landed["landing"]
    assert (landed["received_at"], landed["answered_at"]) == (
        left_at,
        "2026-01-05T08:00:45.000000Z",
    )
    assert (landed["text"], landed["target"]) == ("the note", "jane-doe")
    limits = (await sim.control("GET", f"/accounts/{ACCOUNT}"))["limits"]
    assert limits["invitations/1d"]["used"] == 1


async def test_it_lands_when_it_was_to(sim: Simulator) -> None:
    """Although the clock was moved far beyond that moment: by it the landing is dated."""
    provider_id = await sim.person("jane-doe", "already_connected")
    await order(sim, "/chats", **LATE)
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.write(provider_id, "hello")

    sim.clock.advance(1000)
    (message,) = (await sim.get("/messages")).json()["items"]

    (_, landed) = await sim.journal(kind="message")
    assert landed["applied_at"] == "2026-01-05T08:00:45.000000Z"
    assert message["timestamp"] == "2026-01-05T08:00:45.000Z"


@pytest.mark.parametrize(
    ("fault", "status"), [("500_late", 500), ("504_late", 504), ("html_502_late", 502)]
)
async def test_an_error_may_come_first_too(sim: Simulator, fault: str, status: int) -> None:
    """The answer says it failed; a message lands in the chat all the same, multipart and all."""
    provider_id = await sim.person("jane-doe", "already_connected")
    await order(sim, "/chats", fault=fault, seconds=90, clock="virtual")

    assert (await sim.write(provider_id, "hello")).status_code == status
    assert (await sim.get("/chats")).json()["items"] == []
    sim.clock.advance(90)
    assert [it["text"] for it in (await sim.get("/messages")).json()["items"]] == ["hello"]


async def test_it_may_be_refused_when_it_lands(sim: Simulator) -> None:
    """What is no longer allowed at that moment changes nothing."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await order(sim, "/users/invite", **LATE)
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.invite(provider_id)
    await sim.invite(provider_id)
    sim.clock.advance(45)
    await sim.get("/users/me")

    late = next(it for it in await sim.journal(kind="invite") if it["direction"] == "late")
    assert (late["changed"], late["error"]) == (False, "errors/already_invited_recently")


async def test_seconds_may_be_real(sim: Simulator) -> None:
    """By the real clock it lands though the virtual one stands still, and nobody asks."""
    await sim.listen("messaging")
    provider_id = await sim.person("jane-doe", "already_connected")
    await order(sim, "/chats", fault="drop_late", seconds=0.01)
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.write(provider_id, "hello")

    assert (await sim.receiver.next())["message"] == "hello"


async def test_what_is_to_land_outlives_the_process(make: Make, tmp_path: Path) -> None:
    """Another process carries it out."""
    path = tmp_path / "state.db"
    sim = make(store=SqliteStore(path))
    provider_id = await sim.person("jane-doe", "already_connected")
    await order(sim, "/chats", **LATE)
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.write(provider_id, "hello")

    again = make(clock=ManualClock(sim.clock.now() + 60), store=SqliteStore(path))

    assert [it["text"] for it in (await again.get("/messages")).json()["items"]] == ["hello"]
    assert list(again.world.store.documents("landing")) == []


async def test_latency_may_be_virtual(sim: Simulator) -> None:
    """The call waits for the world's clock; here it does not have to wait at all."""
    await order(sim, "/users/me", fault="latency", seconds=0, clock="virtual")

    assert (await sim.get("/users/me")).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"clock": "sun"}, {"seconds": "many"}, {"seconds": True}, {"fault": "late"}]
)
async def test_an_order_must_make_sense(sim: Simulator, wrong: dict[str, Any]) -> None:
    """Unknown clocks, kinds and numbers that are none are 400."""
    answer = await sim.http.post("http://simulator/_simulator/faults", json=LATE | wrong)

    assert error(answer) == (400, "invalid_parameters")


async def seen(sim: Simulator) -> dict[str, Any]:
    """What each list says of one person: how often they are in it."""
    profile = (await sim.get("/users/jane-doe")).json()
    post = (await sim.get(f"/users/{profile['provider_id']}/posts")).json()["items"][0]
    comments = (await sim.get(f"/posts/{post['social_id']}/comments")).json()["items"]
    reactions = (await sim.get(f"/posts/{post['social_id']}/reactions")).json()["items"]
    relations = (await sim.get("/users/relations")).json()["items"]
    return {
        "sent": len((await sim.get("/users/invite/sent")).json()["items"]),
        "relations": sum(it["public_identifier"] == "jane-doe" for it in relations),
        "chats": len((await sim.get("/chats")).json()["items"]),
        "messages": len((await sim.get("/messages")).json()["items"]),
        "comments": sum(it["author"] == "Otto Owner" for it in comments),
        "reactions": sum(it["author"]["name"] == "Otto Owner" for it in reactions),
        "reacted": "user_reacted" in post,
        "distance": profile["network_distance"] == "FIRST_DEGREE",
    }


NOTHING = {
    "sent": 0,
    "relations": 0,
    "chats": 0,
    "messages": 0,
    "comments": 0,
    "reactions": 0,
    "reacted": False,
    "distance": False,
}


async def befriend(sim: Simulator) -> None:
    provider_id = await sim.person("jane-doe", "never_answers")
    post = (await sim.get(f"/users/{provider_id}/posts")).json()["items"][0]["social_id"]
    await sim.invite(provider_id, message="the note")
    await sim.control("POST", "/people/jane-doe/accept")
    await sim.post(f"/posts/{post}/comments", text="Well put.")
    await sim.post("/posts/reaction", post_id=post)


async def test_everything_may_lag(sim: Simulator) -> None:
    """A minute behind, a read knows nothing of what happened within the last minute."""
    await order(sim, "*", fault="stale", seconds=60, clock="virtual", times=None)
    await befriend(sim)

    first = await seen(sim)
    sim.clock.advance(59.5)
    assert await seen(sim) == first == NOTHING
    sim.clock.advance(0.5)
    assert await seen(sim) == NOTHING | {
        "relations": 1,
        "chats": 1,
        "messages": 1,
        "comments": 1,
        "reactions": 1,
        "reacted": True,
        "distance": True,
    }


async def test_an_invitation_that_ended_may_still_look_pending(sim: Simulator) -> None:
    """A list that lags shows what was withdrawn a moment ago; the profile says so too."""
    provider_id = await sim.person("jane-doe", "never_answers")
    invitation_id = (await sim.invite(provider_id)).json()["invitation_id"]
    sim.clock.advance(DAY)
    await order(sim, "*", fault="stale", seconds=60, clock="virtual", times=None)
    await sim.delete(f"/users/invite/sent/{invitation_id}")

    async def states() -> tuple[int, str]:
        items = (await sim.get("/users/invite/sent")).json()["items"]
        profile = (await sim.get("/users/jane-doe")).json()
        return len(items), profile["invitation"]["status"]

    assert await states() == (1, "PENDING")
    sim.clock.advance(60)
    assert await states() == (0, "WITHDRAWN")


async def test_a_lag_may_be_real(sim: Simulator) -> None:
    """By the real clock an hour does not pass however the virtual one is moved."""
    one = await order(sim, "*", fault="stale", seconds=3600, clock="real", times=None)
    await befriend(sim)
    sim.clock.advance(DAY)

    assert await seen(sim) == NOTHING
    await sim.control("DELETE", f"/faults/{one['id']}")
    assert (await seen(sim))["messages"] == 1


async def test_a_lag_is_of_the_route_it_names(sim: Simulator) -> None:
    """Other routes are as fresh as ever, and the next fault hits none the less."""
    await order(sim, "/messages", fault="stale", seconds=60, clock="virtual", times=None)
    await order(sim, "/messages", fault="503")
    await befriend(sim)

    assert (await sim.get("/messages")).status_code == 503
    found = await seen(sim)
    assert (found["chats"], found["messages"]) == (1, 0)


async def test_the_store_lags_by_a_knob(make: Make) -> None:
    """Lists, chats and messages lag; a profile is read from LinkedIn itself."""
    sim = make(Config(knobs=Knobs(store_lag_seconds=60, store_lag_clock="virtual")))
    await befriend(sim)
    message_id = sim.world.chats.of(ACCOUNT)[0].messages[0].id

    assert await seen(sim) == NOTHING | {"distance": True}
    assert error(await sim.http.get(f"/messages/{message_id}"))[0] == 404
    sim.clock.advance(60)
    assert (await seen(sim))["messages"] == 1
