"""Things that go wrong on order."""

import json

import httpx
import pytest

from tests.unit.unipile_simulator.conftest import ACCOUNT, Make, Simulator, error


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("429", (429, "too_many_requests")),
        ("500", (500, "provider_error")),
        ("503", (503, "no_client_session")),
        ("504", (504, "request_timeout")),
    ],
)
async def test_a_refusal_does_nothing_and_passes(
    sim: Simulator, fault: str, expected: tuple[int, str]
) -> None:
    """The call is not carried out, and the next one is as always."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.control("POST", "/faults", route="/users/invite", fault=fault)

    assert error(await sim.invite(provider_id)) == expected
    assert (await sim.invite(provider_id)).status_code == 200
    assert [(it["fault"], it["changed"]) for it in await sim.journal()] == [
        (fault, False),
        (None, True),
    ]


@pytest.mark.parametrize(
    ("fault", "status"), [("504_after", 504), ("500_after", 500), ("html_502_after", 502)]
)
async def test_a_lost_answer_has_done_its_work(sim: Simulator, fault: str, status: int) -> None:
    """The invitation is there though the answer says otherwise, and counts."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.control("POST", "/faults", route="/users/invite", fault=fault)

    answer = await sim.invite(provider_id)

    assert answer.status_code == status
    assert len((await sim.get("/users/invite/sent")).json()["items"]) == 1
    entry = (await sim.journal(kind="invite"))[0]
    assert (entry["changed"], entry["status"]) == (True, status)


@pytest.mark.parametrize(("fault", "done"), [("drop", False), ("drop_after", True)])
async def test_a_dropped_connection(sim: Simulator, fault: str, *, done: bool) -> None:
    """No answer at all, with or without the work done."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.control("POST", "/faults", route="/users/invite", fault=fault)

    with pytest.raises(httpx.RemoteProtocolError):
        await sim.invite(provider_id)

    entry = (await sim.journal(kind="invite"))[0]
    assert (entry["changed"], entry["status"]) == (done, None)


async def test_html_is_not_json(sim: Simulator) -> None:
    """502 with a page."""
    await sim.control("POST", "/faults", route="*", fault="html_502")

    answer = await sim.get("/users/me")

    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (502, "text/html")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_an_account_loses_its_session_in_the_middle(sim: Simulator) -> None:
    """The call gets 401, and so does every one after it until the account is back."""
    await sim.listen("account_status")
    await sim.control("POST", "/faults", route="/users/me", fault="credentials")

    assert error(await sim.get("/users/me")) == (401, "disconnected_account")
    assert error(await sim.get("/users/me")) == (401, "disconnected_account")
    assert (await sim.receiver.next())["AccountStatus"]["message"] == "CREDENTIALS"


async def test_any_documented_error_can_be_ordered(sim: Simulator) -> None:
    """`error` says the type; unknown types and kinds are refused."""
    await sim.control("POST", "/faults", route="/chats", fault="error", type="cannot_resend_yet")
    provider_id = await sim.person("jane-doe", "already_connected")

    assert error(await sim.write(provider_id, "x")) == (422, "cannot_resend_yet")
    for body in ({"fault": "error", "type": "nope"}, {"fault": "nope"}, {"fault": "429", "x": 1}):
        answer = await sim.http.post("http://simulator/_simulator/faults", json=body)
        assert error(answer) == (400, "invalid_parameters")


async def test_latency_answers_in_the_end(sim: Simulator) -> None:
    """The call is carried out, only later."""
    await sim.control("POST", "/faults", route="/users/me", fault="latency", seconds=0.01)

    assert (await sim.get("/users/me")).status_code == 200
    assert (await sim.journal())[0]["fault"] == "latency"


async def test_a_fault_hits_whom_it_is_meant_for(sim: Simulator) -> None:
    """Route, method, account and number of times all count."""
    await sim.control("POST", "/accounts", id="account-2")
    await sim.control(
        "POST", "/faults", route="/users/*", method="get", fault="500", times=2, account_id=ACCOUNT
    )

    codes = [
        (await sim.get("/users/me", account_id="account-2")).status_code,
        (await sim.get("/accounts")).status_code,
        (await sim.get("/users/me")).status_code,
        (await sim.get("/users/jane-doe")).status_code,
        (await sim.get("/users/me")).status_code,
    ]
    assert codes == [200, 200, 500, 500, 200]


async def test_a_chat_tells_the_account_of_its_fault(sim: Simulator) -> None:
    """A message into a chat is matched by the chat's account though the call names none."""
    provider_id = await sim.person("jane-doe", "already_connected")
    chat_id = (await sim.write(provider_id, "hello")).json()["chat_id"]
    await sim.control(
        "POST", "/faults", route="/chats/{chat_id}/messages", fault="503", account_id=ACCOUNT
    )

    answer = await sim.http.post(f"/chats/{chat_id}/messages", files=[("text", (None, "x"))])

    assert error(answer) == (503, "no_client_session")


async def test_probability_is_kept_about(make: Make) -> None:
    """A fault of one half hits about half of the calls, the same ones for the same seed."""
    hits = []
    for sim in (make(), make()):
        await sim.control(
            "POST", "/faults", route="/users/me", fault="500", times=None, probability=0.5
        )
        hits.append([(await sim.get("/users/me")).status_code for _ in range(60)])

    assert hits[0] == hits[1]
    assert 15 <= hits[0].count(500) <= 45


async def test_faults_are_listed_and_cancelled(sim: Simulator) -> None:
    """One by one, or all."""
    first = await sim.control("POST", "/faults", route="*", fault="500", times=None)
    await sim.control("POST", "/faults", route="*", fault="503", times=None)

    assert len((await sim.control("GET", "/faults"))["items"]) == 2
    assert await sim.control("DELETE", f"/faults/{first['id']}") == {"cancelled": 1}
    assert await sim.control("DELETE", "/faults") == {"cancelled": 1}
    assert (await sim.get("/users/me")).status_code == 200
