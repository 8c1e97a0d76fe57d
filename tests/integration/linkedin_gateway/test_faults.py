"""What the provider does wrong, and that nothing is sent twice or lost for it."""

from typing import Any

import httpx
import pytest
from servicekit.errors import FailedPrecondition, NotYet
from unipile_simulator.config import Knobs

from tests.integration.linkedin_gateway.provider import Scripted, reason_of

ROUTES = {
    "send_invitation": ("/users/invite", "invite"),
    "comment_on_post": ("/posts/{post_id}/comments", "comment"),
    "react_to_post": ("/posts/reaction", "reaction"),
    "send_message": ("/chats", "message"),
}
FIELDS: dict[str, dict[str, str]] = {
    "send_invitation": {"note": "Hello"},
    "comment_on_post": {"text": "Well said."},
    "react_to_post": {},
    "send_message": {"text": "Hello again"},
}


async def ready(house: Any, kind: str, lead: str) -> Any:
    """A request for something that could be done to the lead."""
    await house.perform(house.request("visit_profile", lead))
    if kind == "send_message":
        await house.perform(house.request("send_invitation", lead))
        await house.people(lead, "accept")
    return house.request(kind, lead, **FIELDS[kind])


@pytest.mark.parametrize("kind", ROUTES)
@pytest.mark.parametrize("fault", ["504_after", "500_after", "drop_after", "html_502_after"])
async def test_lost_answer_of_what_landed(house: Any, kind: str, fault: str) -> None:
    """An action whose answer was lost is found at Unipile, and not sent again."""
    asked = await ready(house, kind, "ada-example")
    route, journalled = ROUTES[kind]
    await house.fault(method="POST", route=route, fault=fault)

    with pytest.raises(NotYet) as told:
        await house.until_sent(asked)
    outcome = await house.perform(asked)

    assert told.value.reason == "VERIFYING_OUTCOME"
    assert outcome.provider_id
    assert len(house.writes(journalled)) == 1


async def test_lost_answer_of_an_inmail_to_a_connection(house: Any) -> None:
    """What is found afterwards is told as what was sent: a message."""
    await ready(house, "send_message", "ada-example")
    asked = house.request("send_inmail", "ada-example", text="Hello again")
    await house.fault(method="POST", route="/chats", fault="504_after")

    outcome = await house.perform(asked)

    assert outcome.sent_as_message
    assert len(house.writes("message")) == 1


@pytest.mark.parametrize("kind", ROUTES)
@pytest.mark.parametrize("fault", ["504", "500", "drop"])
async def test_lost_answer_of_what_did_not_land(house: Any, kind: str, fault: str) -> None:
    """What is looked for twice and is not there goes again, and lands once."""
    asked = await ready(house, kind, "ada-example")
    route, journalled = ROUTES[kind]
    await house.fault(method="POST", route=route, fault=fault)

    outcome = await house.perform(asked)

    assert outcome.provider_id
    assert len(house.writes(journalled)) == 1


@pytest.mark.parametrize("fault", ["504_after", "504"])
async def test_lost_withdrawal(house: Any, fault: str) -> None:
    """A withdrawal whose answer was lost is looked for in the list of those sent."""
    lead = "ada-example"
    await house.perform(house.request("send_invitation", lead))
    await house.fault(method="DELETE", route="/users/invite/sent/{invitation_id}", fault=fault)

    await house.perform(house.request("withdraw_invitation", lead))

    assert len(house.writes("withdraw")) == 1


async def test_lost_visit_is_never_repeated(house: Any) -> None:
    """A visit leaves nothing to look for: the step fails, and nobody is visited twice."""
    visit = house.request("visit_profile", "ada-example")
    await house.resolve("ada-example")
    await house.fault(method="GET", route="/users/{identifier}", fault="504_after")

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(visit)
    with pytest.raises(FailedPrecondition) as again:
        await house.perform(visit)

    assert told.value.reason == again.value.reason == "OUTCOME_UNKNOWN"
    assert told.value.metadata["effect"] == "step_failed"
    assert len(house.writes("visit")) == 1


async def test_refused_at_the_door_goes_again(house: Any) -> None:
    """No session at Unipile: nothing happened, so the same goes again, soon."""
    visit = house.request("visit_profile", "ada-example")
    await house.fault(method="GET", route="/users/{identifier}", fault="503")

    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(visit)
    await house.perform(visit)

    assert told.value.reason == "PROVIDER_UNAVAILABLE"
    assert len(house.writes("visit")) == 1


@pytest.mark.parametrize("landed", [True, False])
async def test_a_refusal_that_nobody_knows(open_house: Any, *, landed: bool) -> None:
    """It is looked up once: what is there is done, what is not has failed, and people hear."""
    body = {"status": 422, "type": "errors/a_new_word", "title": "Something else"}
    async with open_house(transport=Scripted) as house:
        asked = await ready(house, "send_invitation", "ada")
        house.sender.next("/users/invite", lambda _: httpx.Response(422, json=body), done=landed)

        refused = await reason_of(house.perform(asked))
        again = await reason_of(house.perform(asked))

        assert refused == again == ("" if landed else "REFUSED_BY_LINKEDIN")
        assert len(house.writes("invite")) == int(landed)
        told = house.gateway._metrics.unknown_errors.labels("422")._value.get()
        assert told == 1


async def test_already_connected_is_accepted(house: Any) -> None:
    """Inviting somebody who is connected is done already, and as good as accepted."""
    asked = await ready(house, "send_invitation", "ada")
    await house.fault(method="POST", route="/users/invite", fault="error", type="already_connected")

    outcome = await house.perform(asked)

    assert outcome.already_so
    assert outcome.connected


async def test_already_invited_and_pending(house: Any) -> None:
    """An invitation that is pending already is as good as sent."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.pool.execute("DELETE FROM actions")

    outcome = await house.perform(house.request("send_invitation", "ada"))

    assert outcome.already_so
    assert not outcome.connected
    assert len(house.writes("invite")) == 1


async def test_withdrawn_lately_is_too_early(house: Any) -> None:
    """Who was withdrawn from lately cannot be invited: the step fails, not the lead."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.perform(house.request("withdraw_invitation", "ada"))

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("send_invitation", "ada"))

    assert told.value.reason == "INVITED_TOO_RECENTLY"
    assert told.value.metadata["effect"] == "step_failed"


@pytest.mark.parametrize(
    ("error", "reason", "effect"),
    [
        ("user_unreachable", "PERSON_UNREACHABLE", "lead_failed"),
        ("cannot_invite_attendee", "EMAIL_MISSING", "step_failed"),
        ("feature_not_subscribed", "FEATURE_NOT_SUBSCRIBED", "step_failed"),
        ("invalid_parameters", "MALFORMED_REQUEST", "step_failed"),
    ],
)
async def test_refused_for_good(house: Any, error: str, reason: str, effect: str) -> None:
    """A refusal is recorded with its reason, and told the same way again."""
    asked = await ready(house, "send_invitation", "ada")
    await house.fault(method="POST", route="/users/invite", fault="error", type=error)

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(asked)
    with pytest.raises(FailedPrecondition) as again:
        await house.perform(asked)

    assert told.value.reason == again.value.reason == reason
    assert told.value.metadata["effect"] == effect


async def test_message_to_a_stranger(house: Any) -> None:
    """Somebody who is not connected is not written to; the profile is read to know."""
    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("send_message", "ada", text="Hello"))

    assert told.value.reason == "NOT_CONNECTED"
    assert not house.writes("message")


async def test_nothing_to_withdraw(house: Any) -> None:
    """Without a pending invitation there is nothing to withdraw, which is a success."""
    outcome = await house.perform(house.request("withdraw_invitation", "ada"))

    assert outcome.already_so
    assert not house.writes("withdraw")


@pytest.mark.parametrize("error", ["invalid_parameters", "resource_not_found"])
async def test_ignored_before_it_is_withdrawn(open_house: Any, error: str) -> None:
    """However Unipile says that there is no such invitation any more: it counts as withdrawn."""
    async with open_house(knobs=Knobs(ended_invitation_error=error)) as house:
        await house.perform(house.request("send_invitation", "ada"))
        await house.people("ada", "ignore")

        outcome = await house.perform(house.request("withdraw_invitation", "ada"))

        assert outcome.already_so
        assert not house.writes("withdraw")


async def test_no_such_person(house: Any) -> None:
    """A profile that does not exist ends the lead; the account is not blamed."""
    await house.fault(
        method="GET", route="/users/{identifier}", fault="error", type="resource_not_found"
    )

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("visit_profile", "nobody"))

    assert told.value.reason == "PERSON_NOT_FOUND"
    assert told.value.metadata["effect"] == "lead_failed"
