"""What people do on their own, and when."""

import time
from typing import Any

import pytest
from unipile_simulator import Config, VirtualClock
from unipile_simulator.people.temperament import TEMPERAMENTS, WEIGHTS, check

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, HOUR, Make, Simulator


async def connected(sim: Simulator, public_id: str = "jane-doe") -> bool:
    """Whether the person accepted."""
    return bool((await sim.get(f"/users/{public_id}")).json()["is_relationship"])


@pytest.mark.parametrize(
    ("temperament", "not_before", "at_latest"),
    [
        ("accepts_quickly", 4 * 60, 4 * HOUR),
        ("accepts_after_days", DAY - 1, 6 * DAY),
        ("accepts_late", 11 * DAY - 1, 18 * DAY),
    ],
)
async def test_people_accept_in_their_own_time(
    sim: Simulator, temperament: str, not_before: float, at_latest: float
) -> None:
    """Neither earlier nor later than their temperament says."""
    await sim.invite(await sim.person("jane-doe", temperament))
    sim.clock.advance(not_before)
    early = await connected(sim)
    sim.clock.advance(at_latest - not_before)

    assert not early
    assert await connected(sim)


async def test_some_never_answer(sim: Simulator) -> None:
    """Months later the invitation is pending."""
    await sim.invite(await sim.person("jane-doe", "never_answers"))
    sim.clock.advance(90 * DAY)

    assert not await connected(sim)
    assert (await sim.get("/users/jane-doe")).json()["invitation"]["status"] == "PENDING"


async def test_some_ignore(sim: Simulator) -> None:
    """The invitation leaves the sent list as IGNORED."""
    await sim.invite(await sim.person("jane-doe", "ignores"))
    sim.clock.advance(4 * DAY)

    assert (await sim.get("/users/invite/sent")).json()["items"] == []
    assert (await sim.get("/users/jane-doe")).json()["invitation"]["status"] == "IGNORED"


async def test_a_withdrawn_invitation_is_not_accepted(sim: Simulator) -> None:
    """What was planned for it comes to nothing."""
    sent = (await sim.invite(await sim.person("jane-doe", "accepts_after_days"))).json()
    await sim.delete(f"/users/invite/sent/{sent['invitation_id']}")
    sim.clock.advance(30 * DAY)

    assert not await connected(sim)


@pytest.mark.parametrize(
    ("temperament", "messages", "replies"),
    [
        ("replies_on_acceptance", 0, 1),
        ("replies_to_first_followup", 1, 1),
        ("replies_to_second_followup", 1, 0),
        ("replies_to_second_followup", 2, 1),
        ("out_of_office", 2, 2),
        ("opts_out", 1, 1),
        ("accepts_quickly", 2, 0),
    ],
)
async def test_people_reply_to_what_they_reply_to(
    sim: Simulator, temperament: str, messages: int, replies: int
) -> None:
    """The n-th message after the connection draws the answer that the temperament has."""
    provider_id = await sim.person("jane-doe", temperament)
    await sim.invite(provider_id, message="the note")
    sim.clock.advance(7 * DAY)
    for _ in range(messages):
        await sim.write(provider_id, "hello")
        sim.clock.advance(3 * DAY)

    written = (await sim.state("jane-doe"))["messages"]
    assert sum(message["from"] == "person" for message in written) == replies


async def test_an_invitation_sent_by_hand_is_accepted(sim: Simulator) -> None:
    """Whoever was invited before may still accept, from the first look on."""
    await sim.person("jane-doe", "invitation_pending_accepts")
    first = await connected(sim)
    sim.clock.advance(4 * DAY)

    assert not first
    assert await connected(sim)


async def test_temperaments_are_described_and_weighed() -> None:
    """Each says what it is, the weights make about a hundred, and others are refused."""
    assert all(kind.what for kind in TEMPERAMENTS.values())
    assert sum(WEIGHTS.values()) == pytest.approx(100, abs=5)
    with pytest.raises(ValueError, match="no such temperament"):
        check("grumpy")


async def test_a_fast_clock_skips_nothing(make: Make) -> None:
    """At 50,000 times the speed, acts happen at their own instants, each once."""
    clock = VirtualClock(epoch=time.time(), speed=50_000.0)
    sim = make(Config(default_temperament="accepts_quickly"), clock=clock)
    await sim.listen("users")
    await sim.person("jane-doe", "replies_on_acceptance")
    provider_id = (await sim.get("/users/jane-doe")).json()["provider_id"]
    await sim.listen("messaging")
    await sim.invite(provider_id)

    seen = [await sim.receiver.next() for _ in range(2)]
    assert {payload["event"] for payload in seen} == {"new_relation", "message_received"}
    state: Any = await sim.state("jane-doe")
    assert state["connected_at"] < state["messages"][0]["at"]
    assert len(state["messages"]) == 1


async def test_people_do_as_they_are_told(sim: Simulator) -> None:
    """Accept, reply and disconnect, ordered over the control routes."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.invite(provider_id)

    await sim.control("POST", "/people/jane-doe/accept")
    assert await connected(sim)
    await sim.control("POST", "/people/jane-doe/reply", text="hi there", account_id=ACCOUNT)
    assert (await sim.state("jane-doe"))["messages"][0]["text"] == "hi there"
    await sim.control("POST", "/people/jane-doe/disconnect", account_id=ACCOUNT)
    assert not await connected(sim)


async def test_a_person_tells_what_they_are_going_to_do(sim: Simulator) -> None:
    """The control route shows planned acts with their instants."""
    await sim.invite(await sim.person("jane-doe", "accepts_after_days"))

    planned = (await sim.control("GET", "/people/jane-doe"))["planned"]

    assert [act["act"] for act in planned] == ["accept"]
