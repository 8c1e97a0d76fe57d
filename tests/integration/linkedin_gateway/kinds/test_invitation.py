"""Whom LinkedIn lets be invited only otherwise, and who has invited us."""

from typing import Any

import pytest
from servicekit.errors import FailedPrecondition

from tests.integration.linkedin_gateway.provider import reason_of

EMAIL = "ada@quill.example"


def invites(house: Any) -> list[Any]:
    return [entry for entry in house.world.journal.entries if entry.kind == "invite"]


@pytest.mark.parametrize(
    ("email", "reason", "calls"),
    [
        (EMAIL, "", 2),
        ("", "EMAIL_MISSING", 1),
        ("no address", "EMAIL_MISSING", 1),
        ("another@quill.example", "REFUSED_BY_LINKEDIN", 2),
    ],
)
async def test_who_is_invited_by_their_email_only(
    house: Any, email: str, reason: str, calls: int
) -> None:
    """The invitation goes again with the address of the list, once; without one it says so."""
    await house.control.put(
        "/_simulator/people/ada", json={"temperament": "needs_email", "email": EMAIL}
    )
    request = house.request("send_invitation", "ada", note="Hello")
    request.person.email = email

    assert await reason_of(house.perform(request)) == reason
    assert await reason_of(house.perform(request)) == reason
    assert len(invites(house)) == calls
    assert len(house.writes("invite")) == int(reason == "")


async def test_an_email_is_told_to_nobody_who_does_not_ask(house: Any) -> None:
    """LinkedIn hears of it only where it refused without."""
    request = house.request("send_invitation", "ada")
    request.person.email = EMAIL
    await house.perform(request)

    assert len(invites(house)) == 1


async def test_who_has_invited_us_is_accepted(house: Any) -> None:
    """Which counts as connected: no invitation goes out, and messages may."""
    await house.people("ada", "invite")

    outcome = await house.perform(house.request("send_invitation", "ada"))
    house.clock.advance(3600)
    await house.perform(house.request("send_message", "ada", text="Hi"))

    assert (outcome.already_so, outcome.connected) == (True, True)
    assert (len(house.writes("invite")), len(house.writes("message"))) == (0, 1)
    account, ada = house.world.accounts.get("unipile-1"), house.world.people.known("ada")
    assert house.world.relationships.between(account, ada, house.clock.now()).connected


async def test_who_has_invited_us_may_be_left(house: Any) -> None:
    """By policy the step fails with a reason of its own; it was never too early."""
    await house.people("ada", "invite")
    request = house.request("send_invitation", "ada", leave_received=True)

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(request)

    assert told.value.reason == "INVITED_BY_PERSON"
    assert told.value.metadata["effect"] == "step_failed"


@pytest.mark.parametrize("fault", ["504", "504_after"])
async def test_an_acceptance_whose_answer_is_lost(house: Any, fault: str) -> None:
    """It is looked for, and made again only if it did not land."""
    await house.people("ada", "invite")
    route = "/users/invite/received/{invitation_id}"
    await house.fault(route=route, method="POST", fault=fault, times=1)

    outcome = await house.perform(house.request("send_invitation", "ada"))

    assert outcome.connected


async def test_a_list_that_lags_is_waited_for(house: Any) -> None:
    """The profile says that they have invited us: it is not called too early meanwhile."""
    await house.people("ada", "invite")
    stale = {"fault": "stale", "seconds": 86_400, "clock": "virtual"}
    await house.fault(route="/users/invite/received", method="GET", times=1, **stale)

    outcome = await house.perform(house.request("send_invitation", "ada"))

    assert outcome.connected
