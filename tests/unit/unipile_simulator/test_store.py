"""The world after `kill -9`: another process opens the file that the first one left."""

from dataclasses import replace
from pathlib import Path

import pytest
from unipile_simulator import Config, Limits, ManualClock, World
from unipile_simulator.store import SqliteStore

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Make, Simulator, error


def reopen(make: Make, sim: Simulator, path: Path) -> Simulator:
    """Another simulator on the same file, at the same instant; the first one just stops."""
    clock = ManualClock(sim.clock.now())
    again = make(sim.world.config, clock=clock, store=SqliteStore(path))
    again.receiver = sim.receiver
    return again


async def test_everything_answered_is_there_again(make: Make, tmp_path: Path) -> None:
    """Ids, invitations, chats, comments, reactions, webhooks, journal: all as before."""
    path = tmp_path / "state.db"
    sim = make(store=SqliteStore(path))
    await sim.listen("users")
    pending = await sim.person("pending", "never_answers")
    friend = await sim.person("friend", "already_connected")
    sent = (await sim.invite(pending, message="hi")).json()["invitation_id"]
    chat_id = (await sim.write(friend, "hello")).json()["chat_id"]
    post = (await sim.get(f"/users/{friend}/posts")).json()["items"][0]["social_id"]
    await sim.post(f"/posts/{post}/comments", text="Well put.")
    await sim.post("/posts/reaction", post_id=post)
    await sim.get("/users/somebody-else")
    before = await sim.journal()

    again = reopen(make, sim, path)

    assert await again.journal() == before
    assert (await again.get("/users/invite/sent")).json()["items"][0]["id"] == sent
    messages = (await again.http.get(f"/chats/{chat_id}/messages")).json()["items"]
    assert [item["text"] for item in messages] == ["hello"]
    comments = (await again.get(f"/posts/{post}/comments")).json()["items"]
    assert comments[0]["text"] == "Well put."
    assert (await again.get(f"/posts/{post}")).json()["user_reacted"] == "LIKE"
    assert len((await again.http.get("/webhooks")).json()["items"]) == 1
    second = (await again.post(f"/posts/{post}/comments", text="More.")).json()["comment_id"]
    assert second != comments[0]["id"]


async def test_plans_outlive_the_process(make: Make, tmp_path: Path) -> None:
    """Who was going to accept does so at the instant planned, though nobody ran then."""
    path = tmp_path / "state.db"
    sim = make(store=SqliteStore(path))
    provider_id = await sim.person("jane-doe", "accepts_after_days")
    await sim.invite(provider_id)
    planned = (await sim.control("GET", "/people/jane-doe"))["planned"][0]["at"]

    again = reopen(make, sim, path)
    again.clock.advance(30 * DAY)

    assert (await again.state("jane-doe"))["connected_at"] == planned


async def test_limits_outlive_the_process(make: Make, tmp_path: Path) -> None:
    """What was spent before the crash still counts."""
    path = tmp_path / "state.db"
    sim = make(Config(limits=replace(Limits(), invitations_week=1)), store=SqliteStore(path))
    await sim.invite(await sim.person("one", "never_answers"))

    again = reopen(make, sim, path)

    two = await again.person("two", "never_answers")
    assert error(await again.invite(two)) == (422, "cannot_resend_yet")


async def test_undelivered_webhooks_outlive_the_process(make: Make, tmp_path: Path) -> None:
    """An event that no attempt has carried yet is delivered by the next process."""
    path = tmp_path / "state.db"
    store = SqliteStore(path)
    sim = make(store=store)
    await sim.listen("account_status")
    world = sim.world
    await world.close()
    offline = World(world.config, clock=ManualClock(), store=SqliteStore(path))
    offline.accounts.set_status(offline.accounts.get(ACCOUNT), "ERROR", 0.0)
    offline.store.commit()

    again = make(store=SqliteStore(path))
    await again.http.get("/accounts")

    assert (await again.receiver.next())["AccountStatus"]["message"] == "ERROR"
    await again.world.deliveries.drain()
    assert list(again.world.store.documents("delivery")) == []


async def test_faults_and_health_outlive_the_process(make: Make, tmp_path: Path) -> None:
    """Orders keep their counts, and accounts their health."""
    path = tmp_path / "state.db"
    sim = make(store=SqliteStore(path))
    await sim.control("POST", "/faults", route="/users/me", fault="500", times=2)
    await sim.get("/users/me")
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="CREDENTIALS")

    again = reopen(make, sim, path)

    assert (await again.control("GET", "/faults"))["items"][0]["times"] == 1
    assert (await again.get("/users/me")).status_code == 500
    assert error(await again.get("/users/me")) == (401, "disconnected_account")


def test_another_seed_is_refused(tmp_path: Path) -> None:
    """The ids of a world hang on its seed."""
    path = tmp_path / "state.db"
    World(Config(seed=1), store=SqliteStore(path)).store.close()

    with pytest.raises(ValueError, match="seed 1"):
        World(Config(seed=2), store=SqliteStore(path))


def test_a_commit_is_whole(tmp_path: Path) -> None:
    """What was not committed is not there."""
    path = tmp_path / "state.db"
    store = SqliteStore(path)
    store.put("thing", "one", {"n": 1})
    store.commit()
    store.put("thing", "two", {"n": 2})

    assert list(SqliteStore(path).documents("thing")) == [{"n": 1}]
