"""Owners who connect an account through us, with their credentials."""

import io
from typing import Any

import pytest
from outreach.linkedin.v1 import sign_in_pb2
from outreach.linkedin.v1 import sign_in_service_pb2 as pb
from servicekit.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Unavailable,
)
from servicekit.telemetry import logs

from tests.integration.linkedin_gateway.conftest import ORGANIZATION
from tests.integration.linkedin_gateway.owners import (
    CONNECTED,
    OTHERS,
    PASSWORD,
    accounts,
    connect,
    resend,
    solve,
)


@pytest.fixture
def logged() -> io.StringIO:
    """Everything that is logged, at every level."""
    stream = io.StringIO()
    logs.configure("test", level="DEBUG", stream=stream)
    return stream


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
        await house.gateway.account_registration.finish_due()

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

    with pytest.raises(NotFound) as told:
        await solve(house, checkpoint, "123456", metadata=OTHERS)

    assert told.value.reason == "CHECKPOINT_NOT_FOUND"
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
    house.world.faults.order(method="GET", route="/accounts/*", fault="500", times=20)

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
        sign_in_pb2.Credentials(username=username, password=PASSWORD),
        sign_in_pb2.Credentials(session_cookie=cookie),
        sign_in_pb2.Credentials(session_cookie=cookie),
        sign_in_pb2.Credentials(username=username, session_cookie=cookie),
    ):
        try:
            await house.stubs.sign_ins.ConnectAccount(
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


@pytest.mark.parametrize("username", ["otp@example.com", "in_app@example.com"])
async def test_sent_once_more(house: Any, username: str) -> None:
    """The owner has the code sent again, as often as they like; the checkpoint stays the same."""
    checkpoint = (await connect(house, username)).checkpoint

    for _ in range(2):
        answer = await resend(house, checkpoint)
        assert answer.checkpoint.checkpoint_id == checkpoint.checkpoint_id
        assert answer.checkpoint.type == checkpoint.type
        assert answer.checkpoint.description

    sent = [entry for entry in house.world.journal.entries if entry.path.endswith("/resend")]
    assert len(sent) == 2


async def test_nothing_to_send_once_more(house: Any) -> None:
    """A contract to choose is no message, and what is over or another's is not sent again."""
    contract = (await connect(house, "contract@example.com")).checkpoint
    with pytest.raises(FailedPrecondition) as unsent:
        await resend(house, contract)
    code = (await connect(house, "otp@example.com")).checkpoint
    with pytest.raises(NotFound) as others:
        await resend(house, code, metadata=OTHERS)
    await solve(house, code, "123456")
    with pytest.raises(FailedPrecondition) as over:
        await resend(house, code)

    assert unsent.value.reason == "CHECKPOINT_UNSOLVABLE"
    assert others.value.reason == "CHECKPOINT_NOT_FOUND"
    assert over.value.reason == "CHECKPOINT_EXPIRED"


async def test_unipile_forgot_what_to_send(house: Any) -> None:
    """When Unipile no longer knows the checkpoint the owner begins again; an outage is told."""
    code = (await connect(house, "otp@example.com")).checkpoint
    route = "/accounts/checkpoint/resend"
    reasons = []
    for fault in ({"fault": "error", "type": "authentication_intent_error"}, {"fault": "503"}):
        await house.fault(method="POST", route=route, **fault)
        with pytest.raises((FailedPrecondition, Unavailable)) as told:
            await resend(house, code)
        reasons.append(told.value.reason)

    assert reasons == ["CHECKPOINT_EXPIRED", "PROVIDER_UNAVAILABLE"]
