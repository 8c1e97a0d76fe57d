"""Connecting, losing and finding accounts."""

from unipile_simulator import ManualClock

from tests.unit.unipile_simulator.conftest import ACCOUNT, Simulator, error

LINKEDIN = {"provider": "LINKEDIN", "password": "secret"}


async def test_accounts_are_listed_with_their_health(sim: Simulator) -> None:
    """One source each, and the owner's id."""
    await sim.control("POST", "/accounts", id="free-one", tier="free", name="Fred Free")

    items = (await sim.http.get("/accounts")).json()["items"]
    assert [item["id"] for item in items] == [ACCOUNT, "free-one"]
    assert items[0]["connection_params"]["im"]["premiumFeatures"] == ["premium"]
    assert items[1]["connection_params"]["im"]["premiumId"] is None


async def test_a_deleted_account_is_gone(sim: Simulator) -> None:
    """DELETED is an event; afterwards the id is 404."""
    await sim.listen("account_status")

    answer = await sim.http.delete(f"/accounts/{ACCOUNT}")

    assert answer.json() == {"object": "AccountDeleted"}
    assert (await sim.receiver.next())["AccountStatus"]["message"] == "DELETED"
    assert error(await sim.http.get(f"/accounts/{ACCOUNT}")) == (404, "resource_not_found")


async def test_a_restart_helps_a_frozen_account_only(sim: Simulator) -> None:
    """ERROR goes; lost credentials stay lost until the owner signs in, under the same id."""
    path, status = f"/accounts/{ACCOUNT}", f"/accounts/{ACCOUNT}/status"
    await sim.control("POST", status, status="ERROR")
    restarted = (await sim.http.post(f"{path}/restart")).json()
    await sim.control("POST", status, status="CREDENTIALS")
    failed = (await sim.http.post(f"{path}/restart")).json()
    again = await sim.http.post(path, json={"username": "otto", **LINKEDIN})

    assert (restarted["object"], failed["object"]) == ("AccountRestarted", "AccountFailedToRestart")
    assert again.status_code == 201
    assert again.json() == {"object": "AccountReconnected", "account_id": ACCOUNT}
    assert (await sim.get("/users/me")).status_code == 200


async def test_signing_in_natively(sim: Simulator) -> None:
    """201 with an id; twice is already_exists; a wrong password is 401."""
    body = {"username": "ada@example.com", **LINKEDIN}

    created = await sim.http.post("/accounts", json=body)

    assert (created.status_code, created.json()["object"]) == (201, "AccountCreated")
    assert error(await sim.http.post("/accounts", json=body)) == (409, "already_exists")
    wrong = await sim.http.post("/accounts", json=body | {"password": "wrong"})
    assert error(wrong) == (401, "invalid_credentials")
    assert error(await sim.http.post("/accounts", json={})) == (400, "invalid_parameters")


async def test_a_checkpoint_wants_its_code(sim: Simulator) -> None:
    """202, a wrong code may be tried again, the right one makes the account."""
    answer = await sim.http.post("/accounts", json={"username": "2fa-ada", **LINKEDIN})
    checkpoint = answer.json()
    code = {"account_id": checkpoint["account_id"], "provider": "LINKEDIN"}

    assert (answer.status_code, checkpoint["checkpoint"]["type"]) == (202, "2FA")
    wrong = await sim.http.post("/accounts/checkpoint", json=code | {"code": "000000"})
    assert error(wrong) == (401, "invalid_checkpoint_solution")
    resent = await sim.http.post("/accounts/checkpoint/resend", json=code)
    assert resent.json()["success"] is True
    right = await sim.http.post("/accounts/checkpoint", json=code | {"code": "123456"})
    assert right.json() == {"object": "AccountCreated", "account_id": checkpoint["account_id"]}


async def test_a_checkpoint_lives_five_minutes(sim: Simulator) -> None:
    """Then it is 408, and has to be begun again."""
    answer = await sim.http.post("/accounts", json={"username": "otp-ada", **LINKEDIN})
    sim.clock.advance(301)
    code = {
        "account_id": answer.json()["account_id"],
        "provider": "LINKEDIN",
        "code": "123456",
    }

    late = await sim.http.post("/accounts/checkpoint", json=code)

    assert error(late) == (408, "request_timeout")


async def test_an_approval_in_the_app_needs_no_code(sim: Simulator) -> None:
    """Polling the account finds it connected in the end."""
    answer = await sim.http.post("/accounts", json={"username": "in_app-ada", **LINKEDIN})
    path = f"/accounts/{answer.json()['account_id']}"

    before = await sim.http.get(path)
    sim.clock.advance(60)
    assert before.status_code == 404
    assert (await sim.http.get(path)).status_code == 200


async def test_a_hosted_link_makes_an_account_once(sim: Simulator) -> None:
    """The page signs in, the callback tells name and id, and the link is used up."""
    body = {
        "type": "create",
        "providers": ["LINKEDIN"],
        "api_url": "http://simulator",
        "expiresOn": "2026-02-01T00:00:00.000Z",
        "name": "user-7",
        "notify_url": "http://receiver/hook",
        "success_redirect_url": "http://customer/done",
    }
    link = (await sim.http.post("/hosted/accounts/link", json=body)).json()

    page = await sim.http.get(link["url"])
    done = await sim.http.post(link["url"], data={"outcome": "success", "name": "Ada Example"})
    again = await sim.http.get(link["url"])

    assert link["object"] == "HostedAuthUrl"
    assert "Sign in" in page.text
    assert (done.status_code, done.headers["location"]) == (303, "http://customer/done")
    notified = await sim.receiver.next()
    assert (notified["status"], notified["name"]) == ("CREATION_SUCCESS", "user-7")
    account = (await sim.http.get(f"/accounts/{notified['account_id']}")).json()
    assert account["name"] == "Ada Example"
    assert again.status_code == 410


async def test_a_hosted_link_reconnects_and_expires(sim: Simulator) -> None:
    """The same account is OK again; an expired link is no page; Python's isoformat is refused."""
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="CREDENTIALS")
    body = {
        "type": "reconnect",
        "reconnect_account": ACCOUNT,
        "api_url": "http://simulator",
        "expiresOn": "2026-01-06T00:00:00.000Z",
    }
    first = (await sim.http.post("/hosted/accounts/link", json=body)).json()["url"]
    second = (await sim.http.post("/hosted/accounts/link", json=body)).json()["url"]
    wrong = body | {"expiresOn": "2026-01-06T00:00:00+00:00"}

    assert error(await sim.http.post("/hosted/accounts/link", json=wrong))[0] == 400
    await sim.http.post(first, data={"outcome": "success"})
    assert (await sim.get("/users/me")).status_code == 200
    assert isinstance(sim.clock, ManualClock)
    sim.clock.advance(86400)
    assert (await sim.http.get(second)).status_code == 410


async def test_a_resync_is_polled(sim: Simulator) -> None:
    """Started by the first call, done by the second."""
    words = [(await sim.http.get(f"/accounts/{ACCOUNT}/sync")).json()["status"] for _ in range(2)]

    assert words == ["SYNC_STARTED", "SYNC_DONE"]
