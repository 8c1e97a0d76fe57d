"""Accounts that their owners connect, connect again and take away."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from google.protobuf.duration_pb2 import Duration
from linkedin_gateway.restarts import PAUSES
from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from servicekit import logs
from servicekit.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    NotYet,
    PermissionDenied,
    Unavailable,
)

from .conftest import ORGANIZATION, TOKEN, UNIPILE_ACCOUNT

CONNECTED = account_pb2.ACCOUNT_STATE_CONNECTED
CALLBACK = f"/webhooks/unipile/{TOKEN}/connected"
PASSWORD = "correct-horse-battery"
OTHERS = (("x-organization-id", "org_other"),)


@pytest.fixture
async def unipile(house: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever calls the port that is exposed."""
    transport = httpx.ASGITransport(app=house.gateway.webhooks)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, at every level."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure("test", level="DEBUG", stream=stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


async def link(house: Any, account_id: str = "", **fields: Any) -> Any:
    """A link, as the simulator keeps it."""
    answer = await house.stub.CreateConnectLink(
        pb.CreateConnectLinkRequest(organization_id=ORGANIZATION, account_id=account_id, **fields)
    )
    return house.world.connections.find_link(answer.url.rsplit("/", 1)[1])


async def owner_signs_in(house: Any, made: Any) -> None:
    """The owner opens the page and signs in."""
    answer = await house.control.post(f"/hosted/{made.id}", data={"outcome": "success"})
    assert answer.is_success, answer.text
    await house.settle()


async def accounts(house: Any, organization_id: str = ORGANIZATION) -> list[Any]:
    request = pb.ListAccountsRequest(organization_id=organization_id)
    return list((await house.stub.ListAccounts(request)).accounts)


async def connect(house: Any, username: str, account_id: str = "", **fields: Any) -> Any:
    """What comes of signing in with a password."""
    return await house.stub.ConnectAccount(
        pb.ConnectAccountRequest(
            organization_id=ORGANIZATION,
            account_id=account_id,
            credentials=pb.Credentials(
                username=username, password=fields.pop("password", PASSWORD)
            ),
            **fields,
        )
    )


async def solve(house: Any, checkpoint: Any, code: str = "", **options: Any) -> Any:
    request = pb.SolveCheckpointRequest(checkpoint_id=checkpoint.checkpoint_id, code=code)
    return await house.stub.SolveCheckpoint(request, **options)


# --- links -------------------------------------------------------------------------------


async def test_an_owner_connects_by_a_link(house: Any) -> None:
    """When the owner is done the account is there, in the organization of the link."""
    made = await link(house, success_url="https://app.example.com/done")

    answer = await house.control.post(f"/hosted/{made.id}", data={"outcome": "success"})
    await house.settle()

    assert answer.headers["location"] == "https://app.example.com/done"
    found = await accounts(house)
    assert len(found) == 2
    assert found[1].state == CONNECTED
    assert found[1].tier == account_pb2.ACCOUNT_TIER_PREMIUM


async def test_the_token_is_not_kept(house: Any) -> None:
    """Whoever reads the database cannot use a link."""
    made = await link(house)

    (row,) = await house.pool.fetch("SELECT sign_ins::text AS text FROM sign_ins")

    assert len(made.name) > 40
    assert made.name not in row["text"]


async def test_a_forged_callback(house: Any, unipile: httpx.AsyncClient) -> None:
    """Without a token that we issued nobody binds an account, whatever they know of it."""
    house.world.add_account("unipile-stranger")
    body = {"status": "CREATION_SUCCESS", "account_id": "unipile-stranger"}
    forged: list[tuple[str, Any]] = [
        (CALLBACK, body),
        (CALLBACK, {**body, "name": "guessed"}),
        (CALLBACK, {**body, "name": ["guessed"]}),
        ("/webhooks/unipile/another-path-token/connected", {**body, "name": "guessed"}),
    ]

    answers = [(await unipile.post(path, json=sent)).status_code for path, sent in forged]

    assert answers == [404] * 4
    assert len(await accounts(house)) == 1


async def test_a_token_on_the_wrong_path(house: Any, unipile: httpx.AsyncClient) -> None:
    """A token that we issued is worth nothing to those who do not know the path."""
    made = await link(house)
    house.world.add_account("unipile-new")

    answer = await unipile.post(
        "/webhooks/unipile/guessed/connected",
        json={"status": "CREATION_SUCCESS", "account_id": "unipile-new", "name": made.name},
    )

    assert answer.status_code == 404
    assert len(await accounts(house)) == 1


async def test_a_callback_told_again(house: Any, unipile: httpx.AsyncClient) -> None:
    """A token works once: the same callback changes nothing, one for another is refused."""
    made = await link(house)
    await owner_signs_in(house, made)
    bound = (await accounts(house))[1].unipile_account_id
    house.world.add_account("unipile-second")

    same = await unipile.post(CALLBACK, json={"account_id": bound, "name": made.name})
    other = await unipile.post(CALLBACK, json={"account_id": "unipile-second", "name": made.name})

    assert (same.status_code, other.status_code) == (200, 404)
    assert len(await accounts(house)) == 2


async def test_a_callback_too_late(house: Any, unipile: httpx.AsyncClient) -> None:
    """After its time a token binds nothing."""
    made = await link(house, valid_for=Duration(seconds=600))
    house.clock.advance(600 + 15 * 60 + 1)
    house.world.add_account("unipile-late")

    answer = await unipile.post(CALLBACK, json={"account_id": "unipile-late", "name": made.name})

    assert answer.status_code == 404
    assert len(await accounts(house)) == 1


@pytest.mark.parametrize("known", ["of_nobody", "of_another", "not_at_all"])
async def test_a_foreign_account(house: Any, unipile: httpx.AsyncClient, known: str) -> None:
    """A good token does not bind an account that was not made with it."""
    if known != "not_at_all":
        house.world.add_account("unipile-foreign")
    if known == "of_another":
        await house.stub.RegisterAccount(
            pb.RegisterAccountRequest(
                organization_id="org_other", unipile_account_id="unipile-foreign"
            )
        )
    house.clock.advance(3600)
    made = await link(house)

    await unipile.post(CALLBACK, json={"account_id": "unipile-foreign", "name": made.name})
    await house.gateway.sign_ins.finish_due()

    assert len(await accounts(house)) == 1
    assert len(await accounts(house, "org_other")) == (known == "of_another")


async def test_what_is_anothers_stays(house: Any, unipile: httpx.AsyncClient) -> None:
    """An account of another organization is not removed, though its member is ours as well."""
    made = await link(house)
    house.world.add_account("unipile-foreign")
    member = (await house.account_row()).provider_id
    house.world.people.provider_id = lambda _person, _account_id: member
    await house.stub.RegisterAccount(
        pb.RegisterAccountRequest(organization_id="org_other", unipile_account_id="unipile-foreign")
    )

    await unipile.post(CALLBACK, json={"account_id": "unipile-foreign", "name": made.name})

    assert house.world.accounts.find("unipile-foreign") is not None
    assert [each.state for each in await accounts(house, "org_other")] == [CONNECTED]
    assert len(await accounts(house)) == 1


async def test_an_account_connected_during_an_outage(open_house: Any) -> None:
    """The owner's deed is kept: Unipile cannot be asked now, and the account comes later."""

    class Outage(httpx.AsyncBaseTransport):
        def __init__(self, own: httpx.AsyncBaseTransport) -> None:
            self.own, self.lasts = own, False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if self.lasts:
                raise httpx.ConnectError("away")
            return await self.own.handle_async_request(request)

    outages: list[Outage] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        outages.append(Outage(own))
        return outages[0]

    async with open_house(transport=transport) as house:
        made = await link(house)
        outages[0].lasts = True
        await owner_signs_in(house, made)
        during = len(await accounts(house))
        outages[0].lasts = False

        await house.gateway.sign_ins.finish_due()

        assert (during, len(await accounts(house))) == (1, 2)


async def test_connected_again_by_a_link(house: Any) -> None:
    """A reconnect link brings the same account back, and its parked leads go on."""
    await house.status("CREDENTIALS")
    visit = house.request("visit_profile", "ada")
    with pytest.raises(NotYet) as told:
        await house.stub.PerformAction(visit)
    made = await link(house, house.account.account_id)

    await owner_signs_in(house, made)
    await house.tell()

    assert told.value.reason == "ACCOUNT_PARKED"
    assert made.reconnect_account == UNIPILE_ACCOUNT
    assert [(each.account_id, each.state) for each in await accounts(house)] == [
        (house.account.account_id, CONNECTED)
    ]
    assert [lead.lead_id for lead in house.reported.of("actions_freed")[-1].leads] == ["lead_ada"]
    await house.perform(visit)


async def test_a_reconnect_link_is_for_one_account(house: Any, unipile: httpx.AsyncClient) -> None:
    """The token of a reconnect link binds no other account, and stays good for its own."""
    made = await link(house, house.account.account_id)
    house.world.add_account("unipile-other")

    other = await unipile.post(CALLBACK, json={"account_id": "unipile-other", "name": made.name})
    own = await unipile.post(CALLBACK, json={"account_id": UNIPILE_ACCOUNT, "name": made.name})

    assert (other.status_code, own.status_code) == (404, 200)
    assert len(await accounts(house)) == 1


async def test_the_same_member_twice(house: Any) -> None:
    """A member who is connected already is not driven at two paces: the second one goes."""
    made = await link(house)
    people, member = house.world.people, (await house.account_row()).provider_id
    people.provider_id = lambda _person, _account_id: member

    await owner_signs_in(house, made)
    house.world.add_account("unipile-twice")
    with pytest.raises(AlreadyExists) as told:
        await house.stub.RegisterAccount(
            pb.RegisterAccountRequest(
                organization_id=ORGANIZATION, unipile_account_id="unipile-twice"
            )
        )

    assert len(await accounts(house)) == 1
    assert told.value.metadata["account_id"] == house.account.account_id
    assert {each.id for each in house.world.accounts} == {UNIPILE_ACCOUNT, "unipile-twice"}


async def test_a_link_that_is_not_in_order(house: Any) -> None:
    """Every wrong field of a link is named."""
    with pytest.raises(InvalidArgument) as told:
        await link(house, success_url="javascript:alert(1)", valid_for=Duration(seconds=90_000))

    assert {wrong.field for wrong in told.value.violations} == {"success_url", "valid_for"}


async def test_a_gateway_that_cannot_be_called(open_house: Any) -> None:
    """Without an address for Unipile to call no link is made that could not come to its end."""
    async with open_house(webhook_public_url="") as house:
        with pytest.raises(FailedPrecondition):
            await link(house)


# --- credentials -------------------------------------------------------------------------


async def test_connected_with_a_password(house: Any) -> None:
    """Without a checkpoint the account is there at once, and again after a reconnect."""
    answer = await connect(house, "ada@example.com", country="de")
    again = await connect(house, "ada@example.com", answer.account.account_id)

    assert answer.account.state == CONNECTED
    assert again.account.account_id == answer.account.account_id
    assert len(await accounts(house)) == 2


@pytest.mark.parametrize("kind", ["2FA", "OTP", "PHONE_REGISTER", "CONTRACT_CHOOSER"])
async def test_a_checkpoint(house: Any, kind: str) -> None:
    """A wrong code can be tried again; the right one connects the account; and only once."""
    words = {"PHONE_REGISTER": "phone", "CONTRACT_CHOOSER": "contract"}
    username = f"{words.get(kind, kind.lower())}@example.com"
    checkpoint = (await connect(house, username)).checkpoint

    with pytest.raises(FailedPrecondition) as wrong:
        await solve(house, checkpoint, "000000")
    right = await solve(house, checkpoint, "123456")
    again = await solve(house, checkpoint, "123456")

    assert checkpoint.type == kind
    assert checkpoint.description
    assert wrong.value.reason == "CHECKPOINT_ANSWER_WRONG"
    assert right.account.state == CONNECTED
    assert again.account.account_id == right.account.account_id
    assert len(await accounts(house)) == 2


async def test_another_checkpoint(house: Any) -> None:
    """Asking for another way gives another checkpoint; the first one is over."""
    first = (await connect(house, "2fa@example.com")).checkpoint

    second = (await solve(house, first, "TRY_ANOTHER_WAY")).checkpoint
    with pytest.raises(FailedPrecondition) as over:
        await solve(house, first, "123456")
    done = await solve(house, second, "123456")

    assert second.type == "OTP"
    assert over.value.reason == "CHECKPOINT_EXPIRED"
    assert done.account.state == CONNECTED


@pytest.mark.parametrize("asked", [True, False])
async def test_confirmed_in_the_app(house: Any, *, asked: bool) -> None:
    """The owner confirms in LinkedIn's app; the account appears whether or not we are asked."""
    checkpoint = (await connect(house, "in_app@example.com")).checkpoint
    waiting = await solve(house, checkpoint)
    house.clock.advance(30)

    if asked:
        await solve(house, checkpoint)
    else:
        await house.gateway.sign_ins.finish_due()

    assert waiting.checkpoint == checkpoint
    assert len(await accounts(house)) == 2
    assert (await solve(house, checkpoint)).account.state == CONNECTED


async def test_a_checkpoint_expires(house: Any) -> None:
    """After five minutes it is over, for us as for Unipile."""
    checkpoint = (await connect(house, "otp@example.com")).checkpoint
    house.clock.advance(301)

    with pytest.raises(FailedPrecondition) as told:
        await solve(house, checkpoint, "123456")

    assert told.value.reason == "CHECKPOINT_EXPIRED"
    assert len(await accounts(house)) == 1


async def test_a_checkpoint_of_another_organization(house: Any) -> None:
    """A checkpoint is its organization's; for others it does not exist."""
    checkpoint = (await connect(house, "otp@example.com")).checkpoint

    with pytest.raises(FailedPrecondition) as told:
        await solve(house, checkpoint, "123456", metadata=OTHERS)

    assert told.value.reason == "CHECKPOINT_EXPIRED"
    assert (await solve(house, checkpoint, "123456")).account.state == CONNECTED


@pytest.mark.parametrize(
    ("username", "password", "reason"),
    [
        ("captcha@example.com", PASSWORD, "CHECKPOINT_UNSOLVABLE"),
        ("ada@example.com", "wrong", "CREDENTIALS_REFUSED"),
        ("restricted@example.com", PASSWORD, "ACCOUNT_RESTRICTED"),
    ],
)
async def test_refused(house: Any, username: str, password: str, reason: str) -> None:
    """What cannot be is refused with its reason, and nothing is registered."""
    with pytest.raises(FailedPrecondition) as told:
        await connect(house, username, password=password)

    assert told.value.reason == reason
    assert len(await accounts(house)) == 1


async def test_no_answer_from_unipile(house: Any) -> None:
    """An outage while signing in is told as one."""
    house.world.accounts.find = lambda _account_id: 1 / 0

    with pytest.raises(Unavailable) as told:
        await connect(house, "ada@example.com")

    assert told.value.reason == "PROVIDER_UNAVAILABLE"


async def test_credentials_that_are_not_in_order(house: Any) -> None:
    """Every wrong field is named, and none of what was given is repeated."""
    with pytest.raises(InvalidArgument) as told:
        await connect(house, "", password=PASSWORD * 300, country="Germany")

    assert {wrong.field for wrong in told.value.violations} == {
        "credentials.username",
        "credentials.password",
        "country",
    }
    assert PASSWORD not in str(told.value)


@pytest.mark.parametrize("username", ["ada@example.com", "otp@example.com", "captcha@example.com"])
async def test_secrets_stay_secret(house: Any, logged: io.StringIO, username: str) -> None:
    """What LinkedIn was shown is in no log line, no table and no error, however it ends."""
    cookie = "AQEDAR-a-cookie-of-somebody"
    errors = []
    for credentials in (
        pb.Credentials(username=username, password=PASSWORD),
        pb.Credentials(session_cookie=cookie),
        pb.Credentials(session_cookie=cookie),
        pb.Credentials(username=username, session_cookie=cookie),
    ):
        try:
            await house.stub.ConnectAccount(
                pb.ConnectAccountRequest(organization_id=ORGANIZATION, credentials=credentials)
            )
        except (FailedPrecondition, AlreadyExists, InvalidArgument) as error:
            errors.append(repr(error))

    tables = [
        str(row)
        for table in ("accounts", "sign_ins", "inbound", "outbox")
        for row in await house.pool.fetch(f"SELECT t::text FROM {table} t")
    ]
    everything = logged.getvalue() + "".join(tables) + "".join(errors)
    assert "account_connected" in everything
    assert errors
    assert PASSWORD not in everything
    assert cookie not in everything


# --- frozen, restarted, removed ----------------------------------------------------------


@pytest.mark.parametrize("status", ["STOPPED", "ERROR"])
async def test_frozen_and_started_anew(house: Any, status: str) -> None:
    """Unipile stopped an account: it is started anew, and nobody is bothered."""
    await house.status(status)
    with pytest.raises(NotYet) as told:
        await house.stub.PerformAction(house.request("visit_profile", "ada"))
    frozen = await house.account_row()

    await house.gateway._restarts.restart_due()
    await house.settle()
    await house.tell()

    assert told.value.reason == "ACCOUNT_PARKED"
    assert (frozen.state, frozen.state_reason) == ("connecting", status)
    assert (await house.account_row()).state == "connected"
    assert [event.WhichOneof("event") for event in house.reported.events] == ["actions_freed"]


async def test_restarts_in_vain(open_house: Any) -> None:
    """After the last attempt people are told, once, and a probe does not begin anew."""
    restarts = []

    class Deaf(httpx.AsyncBaseTransport):
        def __init__(self, own: httpx.AsyncBaseTransport) -> None:
            self.own = own

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not request.url.path.endswith("/restart"):
                return await self.own.handle_async_request(request)
            restarts.append(request)
            return httpx.Response(200, json={"object": "AccountRestarted"})

    async with open_house(transport=Deaf) as house:
        await house.status("STOPPED")
        told = []
        for pause in (timedelta(0), *PAUSES):
            house.clock.advance(pause.total_seconds())
            await house.gateway._restarts.restart_due()
            await house.gateway._restarts.restart_due()
            await house.gateway._probe()
            await house.tell()
            told.append(len(house.reported.events))

        assert len(restarts) == len(PAUSES)
        assert told == [0, 0, 0, 0, 1]
        assert house.reported.events[0].account_disconnected.reason == "STOPPED"
        assert (await house.account_row()).state == "disconnected"


async def test_restarted_by_hand(house: Any) -> None:
    """A person has an account started anew, and the answer says how it is."""
    await house.status("STOPPED")

    answer = await house.stub.RestartAccount(
        pb.RestartAccountRequest(account_id=house.account.account_id)
    )
    await house.status("CREDENTIALS")
    still = await house.stub.RestartAccount(
        pb.RestartAccountRequest(account_id=house.account.account_id)
    )

    assert answer.account.state == CONNECTED
    assert still.account.state == account_pb2.ACCOUNT_STATE_DISCONNECTED
    assert still.account.state_reason == "CREDENTIALS"


async def test_disconnected(house: Any) -> None:
    """An account goes, at Unipile too; again nothing happens; late webhooks revive nothing."""
    request = pb.DisconnectAccountRequest(account_id=house.account.account_id)

    gone = await house.stub.DisconnectAccount(request)
    again = await house.stub.DisconnectAccount(request)
    await house.gateway.accounts.status_heard(await house.account_row(), "OK")
    await house.tell()

    assert gone.account.state == again.account.state == account_pb2.ACCOUNT_STATE_REMOVED
    assert list(house.world.accounts) == []
    assert (await house.account_row()).state == "removed"
    assert len(house.reported.of("account_disconnected")) == 1


async def test_disconnected_while_in_use(house: Any) -> None:
    """While actions wait an account does not go, unless the caller parks them."""
    await house.status("CREDENTIALS")
    with pytest.raises(NotYet):
        await house.stub.PerformAction(house.request("visit_profile", "ada"))
    request = pb.DisconnectAccountRequest(account_id=house.account.account_id)

    with pytest.raises(FailedPrecondition) as told:
        await house.stub.DisconnectAccount(request)
    there = len(list(house.world.accounts))
    request.park = True
    gone = await house.stub.DisconnectAccount(request)

    assert told.value.reason == "ACCOUNT_IN_USE"
    assert told.value.metadata["waiting_actions"] == "1"
    assert there == 1
    assert gone.account.state == account_pb2.ACCOUNT_STATE_REMOVED


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("OK", "connected"),
        ("CREATION_SUCCESS", "connected"),
        ("RECONNECTED", "connected"),
        ("SYNC_SUCCESS", "connected"),
        ("CONNECTING", "connecting"),
        ("STOPPED", "connecting"),
        ("ERROR", "connecting"),
        ("CREDENTIALS", "disconnected"),
        ("PERMISSIONS", "disconnected"),
        ("CREATION_FAIL", "disconnected"),
        ("DELETED", "removed"),
        ("SOMETHING_NEW", "connected"),
    ],
)
async def test_every_word(house: Any, unipile: httpx.AsyncClient, word: str, state: str) -> None:
    """Every word that Unipile has for an account's status is understood."""
    body = {"AccountStatus": {"account_id": UNIPILE_ACCOUNT, "message": word}}

    answer = await unipile.post(
        f"/webhooks/unipile/{TOKEN}",
        json=body,
        headers={"Unipile-Auth": house.settings.webhook_secret.get_secret_value()},
    )

    assert answer.status_code == 200
    assert (await house.account_row()).state == state


async def test_another_plan(house: Any) -> None:
    """An owner who took another plan and signed in again has its caps."""
    account = house.world.accounts.get(UNIPILE_ACCOUNT)
    account.tier = "sales_navigator"
    house.world.accounts.save(account)

    await house.status("CREDENTIALS")
    account.status = "OK"
    await house.gateway.accounts.status_heard(await house.account_row(), "RECONNECTED")

    assert (await house.account_row()).tier == "sales_navigator"


# --- organizations -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "request_of"),
    [
        ("GetAccount", lambda id_: pb.GetAccountRequest(account_id=id_)),
        ("UpdateAccount", lambda id_: pb.UpdateAccountRequest(account_id=id_)),
        ("GetAccountUsage", lambda id_: pb.GetAccountUsageRequest(account_id=id_)),
        ("RestartAccount", lambda id_: pb.RestartAccountRequest(account_id=id_)),
        ("DisconnectAccount", lambda id_: pb.DisconnectAccountRequest(account_id=id_)),
        (
            "CreateConnectLink",
            lambda id_: pb.CreateConnectLinkRequest(organization_id="org_other", account_id=id_),
        ),
        (
            "ConnectAccount",
            lambda id_: pb.ConnectAccountRequest(
                organization_id="org_other",
                account_id=id_,
                credentials=pb.Credentials(session_cookie="a-cookie"),
            ),
        ),
        (
            "PutHold",
            lambda id_: pb.PutHoldRequest(
                scope=pb.HOLD_SCOPE_ACCOUNT, subject_id=id_, reason="mine"
            ),
        ),
        (
            "LiftHold",
            lambda id_: pb.LiftHoldRequest(scope=pb.HOLD_SCOPE_ACCOUNT, subject_id=id_),
        ),
    ],
)
async def test_anothers_account(house: Any, method: str, request_of: Any) -> None:
    """For a caller of another organization the account does not exist."""
    with pytest.raises(NotFound) as told:
        await getattr(house.stub, method)(request_of(house.account.account_id), metadata=OTHERS)

    assert told.value.reason == "ACCOUNT_NOT_FOUND"


async def test_anothers_actions(house: Any) -> None:
    """Nor can actions of another organization be asked for, read or called off."""
    visit = house.request("visit_profile", "ada")
    await house.perform(visit)
    calls = [
        ("PerformAction", house.request("visit_profile", "bob")),
        ("ExplainAction", pb.ExplainActionRequest(request_id=visit.request_id)),
        ("CancelAction", pb.CancelActionRequest(request_id=visit.request_id)),
        ("CancelAction", pb.CancelActionRequest(request_id="camp_9/lead_9/never/asked")),
        ("ListActions", pb.ListActionsRequest(organization_id=ORGANIZATION)),
    ]

    for method, request in calls:
        with pytest.raises(NotFound):
            await getattr(house.stub, method)(request, metadata=OTHERS)


async def test_anothers_holds(house: Any) -> None:
    """A caller of an organization stops and sees what is theirs, and nothing else."""
    own = (("x-organization-id", ORGANIZATION),)
    await house.perform(house.request("visit_profile", "ada"))
    scopes = [
        (pb.HOLD_SCOPE_EVERYTHING, ""),
        (pb.HOLD_SCOPE_ORGANIZATION, ORGANIZATION),
        (pb.HOLD_SCOPE_CAMPAIGN, "camp_1"),
    ]
    requests = [pb.PutHoldRequest(scope=s, subject_id=i, reason="stop") for s, i in scopes]

    for request in requests:
        with pytest.raises(PermissionDenied):
            await house.stub.PutHold(request, metadata=OTHERS)
    for request in requests[1:]:
        await house.stub.PutHold(request, metadata=own)
    with pytest.raises(PermissionDenied):
        await house.stub.PutHold(requests[0], metadata=own)
    await house.stub.PutHold(requests[0])

    async def seen(**options: Any) -> int:
        return len((await house.stub.ListHolds(pb.ListHoldsRequest(), **options)).holds)

    assert await seen(metadata=OTHERS) == 0
    assert await seen(metadata=own) == 2
    assert await seen() == 3


async def test_anothers_suppressions(house: Any) -> None:
    """People another organization does not want contacted are its own business."""
    added = await house.stub.AddSuppressions(
        pb.AddSuppressionsRequest(
            suppressions=[
                pb.Suppression(
                    organization_id=ORGANIZATION, public_identifier="ada", reason="asked"
                )
            ]
        )
    )
    remove = pb.RemoveSuppressionRequest(suppression_id=added.suppressions[0].suppression_id)

    with pytest.raises(NotFound):
        await house.stub.RemoveSuppression(remove, metadata=OTHERS)
    with pytest.raises(NotFound):
        await house.stub.ListSuppressions(
            pb.ListSuppressionsRequest(organization_id=ORGANIZATION), metadata=OTHERS
        )
    await house.stub.RemoveSuppression(remove)
