"""The order in which a call is judged, and what the journal says of it."""

from typing import Any

import pytest

from tests.unit.unipile_simulator.conftest import ACCOUNT, Make, Simulator, error


async def test_the_access_token_is_judged_first(sim: Simulator) -> None:
    """A wrong key is 401 even when account and parameters are wrong as well."""
    answer = await sim.http.get("/users/me", headers={"X-API-KEY": "other"})

    assert error(answer) == (401, "missing_credentials")


async def test_an_unknown_account_is_judged_before_parameters(sim: Simulator) -> None:
    """An unknown account is 404 `Account not found`, whatever else is wrong."""
    answer = await sim.post("/users/invite", account_id="nobody")

    assert error(answer) == (404, "resource_not_found")
    assert answer.json()["detail"] == "Account not found"


@pytest.mark.parametrize("status", ["CREDENTIALS", "STOPPED", "ERROR", "PERMISSIONS"])
async def test_health_is_judged_before_parameters(sim: Simulator, status: str) -> None:
    """Live routes of an account that is not OK are 401 disconnected_account."""
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status=status)

    assert error(await sim.post("/users/invite")) == (401, "disconnected_account")
    assert error(await sim.get("/users/jane-doe")) == (401, "disconnected_account")
    assert (await sim.get("/chats")).status_code == 200


async def test_an_account_that_connects_has_no_session(sim: Simulator) -> None:
    """CONNECTING is 503 no_client_session, for it passes."""
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="CONNECTING")

    assert error(await sim.get("/users/me")) == (503, "no_client_session")


async def test_a_restricted_account_is_forbidden(sim: Simulator) -> None:
    """RESTRICTED is 403 account_restricted though the source says OK."""
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="RESTRICTED")

    assert error(await sim.get("/users/me")) == (403, "account_restricted")
    sources = (await sim.http.get(f"/accounts/{ACCOUNT}")).json()["sources"]
    assert sources == [{"id": f"{ACCOUNT}_MESSAGING", "status": "OK"}]


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/users/invite", {}, (400, "invalid_parameters")),
        ("/users/invite", {"provider_id": 5}, (400, "invalid_parameters")),
        ("/users/invite", {"account_id": None}, (400, "invalid_parameters")),
        ("/posts/reaction", {"post_id": "x", "reaction_type": "hate"}, (400, "invalid_parameters")),
        ("/posts/5/comments", {}, (400, "invalid_parameters")),
    ],
)
async def test_bad_parameters_are_400(
    sim: Simulator, path: str, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    """What is missing or of the wrong kind is invalid_parameters."""
    assert error(await sim.post(path, **body)) == expected


async def test_bodies_that_cannot_be_read(sim: Simulator) -> None:
    """Broken JSON is 400, and a form that is not multipart is 415."""
    broken = await sim.http.post("/users/invite", content=b"{")
    urlencoded = await sim.http.post("/chats", data={"account_id": ACCOUNT})

    assert error(broken) == (400, "malformed_request")
    assert error(urlencoded) == (415, "unsupported_media_type")


async def test_search_takes_the_account_from_the_query(sim: Simulator) -> None:
    """In the body it is as good as missing, and the detail names the path."""
    answer = await sim.post("/linkedin/search", keywords="x")

    assert error(answer) == (400, "invalid_parameters")
    assert "/account_id" in answer.json()["detail"]


async def test_an_unknown_route_is_404_and_journalled(sim: Simulator) -> None:
    """No trailing slashes, no invented routes; the journal has them without a route."""
    assert (await sim.get("/users/me/")).status_code == 404

    assert [entry["route"] for entry in await sim.journal()] == [None]


async def test_the_journal_tells_who_what_and_whether(sim: Simulator) -> None:
    """Each call has its account, person, kind, text, change and result."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.invite(provider_id, message="hello")
    await sim.invite(provider_id)
    await sim.get("/users/jane-doe")

    sent, refused, read = await sim.journal()
    assert (sent["seq"], sent["kind"], sent["changed"], sent["status"]) == (1, "invite", True, 200)
    assert (sent["method"], sent["route"]) == ("POST", "/users/invite")
    assert (sent["account_id"], sent["target"]) == (ACCOUNT, "jane-doe")
    assert (sent["target_provider_id"], sent["text"]) == (provider_id, "hello")
    assert sent["received_at"] <= sent["answered_at"]
    assert (refused["changed"], refused["error"]) == (False, "errors/already_invited_recently")
    assert (read["kind"], read["changed"]) == (None, False)


async def test_the_journal_is_filtered(sim: Simulator) -> None:
    """By kind, account, person, change and place; control routes are not in it."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.invite(provider_id)
    await sim.invite(provider_id)
    await sim.get("/users/me")

    assert [it["seq"] for it in await sim.journal(kind="invite", changed="true")] == [1]
    assert [it["seq"] for it in await sim.journal(changed="false")] == [2, 3]
    assert [it["seq"] for it in await sim.journal(since_seq=2)] == [3]
    assert [it["seq"] for it in await sim.journal(target="jane-doe", limit=1)] == [1]
    assert await sim.journal(account_id="other") == []


async def test_api_json_lists_what_is_simulated(sim: Simulator) -> None:
    """The document names routes under /api/v1, and index and health answer."""
    document = (await sim.http.get("http://simulator/api-json")).json()

    assert "post" in document["paths"]["/api/v1/users/invite"]
    assert (await sim.http.get("http://simulator/_simulator/")).status_code == 200
    assert (await sim.control("GET", "/health"))["seed"] == 7


async def test_the_seed_is_the_world(make: Make) -> None:
    """Two simulators of one seed give the same people the same ids."""
    one, two = make(), make()

    first = (await one.get("/users/some-body")).json()
    assert first == (await two.get("/users/some-body")).json()
