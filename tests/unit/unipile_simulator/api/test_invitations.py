"""Invitations: what LinkedIn allows, and what becomes of them."""

from dataclasses import replace

import pytest
from unipile_simulator import Config, Knobs, Limits

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Make, Simulator, error


async def test_an_invitation_is_sent_and_listed(sim: Simulator) -> None:
    """200 with an id of 19 digits, by which the sent list knows it."""
    provider_id = await sim.person("jane-doe", "never_answers")

    answer = await sim.invite(provider_id, message="hello")

    assert answer.status_code == 200
    sent = answer.json()
    assert sent["object"] == "UserInvitationSent"
    assert len(sent["invitation_id"]) == 19
    item = (await sim.get("/users/invite/sent")).json()["items"][0]
    assert (item["object"], item["id"]) == ("InvitationSent", sent["invitation_id"])
    assert (item["invited_user_id"], item["date"]) == (provider_id, "Sent today")


@pytest.mark.parametrize(
    ("temperament", "expected"),
    [
        ("already_connected", "already_connected"),
        ("invitation_pending", "already_invited_recently"),
        ("withdrawn_recently", "already_invited_recently"),
        ("cannot_be_invited", "cannot_invite_attendee"),
        ("needs_email", "cannot_invite_attendee"),
        ("unreachable", "user_unreachable"),
        ("blocks", "blocked_recipient"),
        ("locked_profile", "invalid_recipient"),
    ],
)
async def test_people_who_cannot_be_invited(
    sim: Simulator, temperament: str, expected: str
) -> None:
    """Each has its own 422, and nothing changes."""
    provider_id = await sim.person("jane-doe", temperament)

    assert error(await sim.invite(provider_id)) == (422, expected)
    assert await sim.journal(changed="true") == []


async def test_an_email_opens_who_needs_it(sim: Simulator) -> None:
    """`user_email` lets the invitation through."""
    provider_id = await sim.person("jane-doe", "needs_email")

    answer = await sim.invite(provider_id, user_email="jane@example.com")

    assert answer.status_code == 200


async def test_a_public_identifier_is_no_recipient(sim: Simulator) -> None:
    """Only provider ids are taken, and not one's own."""
    me = sim.world.accounts.owner_id(sim.world.accounts.get(ACCOUNT))

    assert error(await sim.invite("jane-doe")) == (422, "invalid_recipient")
    assert error(await sim.invite(me)) == (422, "invalid_recipient")


async def test_notes_have_a_length(make: Make) -> None:
    """300 for everybody, 200 for a free account."""
    paid, free = make(), make(tier="free")
    to_paid = await paid.person("jane-doe", "never_answers")
    to_free = await free.person("jane-doe", "never_answers")

    assert error(await paid.invite(to_paid, message="x" * 301)) == (400, "too_many_characters")
    assert (await paid.invite(to_paid, message="x" * 300)).status_code == 200
    assert error(await free.invite(to_free, message="x" * 201)) == (400, "too_many_characters")
    assert (await free.invite(to_free, message="x" * 200)).status_code == 200


async def test_a_free_account_has_few_notes(make: Make) -> None:
    """The sixth noted invitation in 30 days is refused; one without a note is not."""
    sim = make(tier="free")
    people = [await sim.person(f"person-{n}", "never_answers") for n in range(7)]
    for provider_id in people[:5]:
        assert (await sim.invite(provider_id, message="hi")).status_code == 200

    assert error(await sim.invite(people[5], message="hi")) == (422, "limit_exceeded")
    assert (await sim.invite(people[5])).status_code == 200


async def test_the_week_has_a_ceiling_and_tells_its_landings(make: Make) -> None:
    """`usage` comes only where 50, 75, 90 or 95 % is crossed; beyond 100 % is refused."""
    sim = make(Config(limits=replace(Limits(), invitations_week=20, invitations_day=None)))
    usage = []
    for number in range(20):
        provider_id = await sim.person(f"person-{number}", "never_answers")
        usage.append((await sim.invite(provider_id)).json().get("usage"))
        sim.clock.advance(60)
    late = await sim.person("late", "never_answers")

    assert {n + 1: it for n, it in enumerate(usage) if it} == {10: 50, 15: 75, 18: 90, 19: 95}
    assert error(await sim.invite(late)) == (422, "cannot_resend_yet")
    sim.clock.advance(7 * DAY - 19 * 60)
    assert (await sim.invite(late)).status_code == 200


async def test_the_day_has_a_ceiling_with_a_choice_of_words(make: Make) -> None:
    """The knob chooses what is said at the ceiling."""
    sim = make(
        Config(
            limits=replace(Limits(), invitations_day=1),
            knobs=Knobs(invitation_ceiling_error="too_many_requests"),
        )
    )
    first = await sim.person("first", "never_answers")
    second = await sim.person("second", "never_answers")
    await sim.invite(first)

    assert error(await sim.invite(second)) == (429, "too_many_requests")
    sim.clock.advance(DAY)
    assert (await sim.invite(second)).status_code == 200


async def test_withdrawing_ends_it_for_three_weeks(sim: Simulator) -> None:
    """The list is empty, the profile says WITHDRAWN, and inviting again has to wait."""
    provider_id = await sim.person("jane-doe", "never_answers")
    invitation_id = (await sim.invite(provider_id)).json()["invitation_id"]

    answer = await sim.delete(f"/users/invite/sent/{invitation_id}")

    assert answer.json() == {"object": "InvitationCanceled"}
    assert (await sim.get("/users/invite/sent")).json()["items"] == []
    assert (await sim.get("/users/jane-doe")).json()["invitation"]["status"] == "WITHDRAWN"
    assert error(await sim.invite(provider_id)) == (422, "already_invited_recently")
    sim.clock.advance(21 * DAY)
    assert (await sim.invite(provider_id)).status_code == 200


async def test_what_cannot_be_withdrawn_is_400(sim: Simulator) -> None:
    """Unknown, already withdrawn and already accepted: 400 with an untranslated title."""
    provider_id = await sim.person("jane-doe", "accepts_quickly")
    invitation_id = (await sim.invite(provider_id)).json()["invitation_id"]
    sim.clock.advance(DAY)

    for wrong in ("1", invitation_id):
        answer = await sim.delete(f"/users/invite/sent/{wrong}")
        assert error(answer) == (400, "invalid_parameters")
        assert "invalid_invitation_id" in answer.json()["title"]


async def test_the_sent_list_has_pages_of_ten(sim: Simulator) -> None:
    """Newest first, ten by default, every invitation once."""
    for number in range(23):
        await sim.invite(await sim.person(f"person-{number}", "never_answers"))
        sim.clock.advance(60)

    first = (await sim.get("/users/invite/sent")).json()
    second = (await sim.get("/users/invite/sent", cursor=first["cursor"])).json()
    third = (await sim.get("/users/invite/sent", cursor=second["cursor"])).json()
    pages = [page["items"] for page in (first, second, third)]
    assert [len(items) for items in pages] == [10, 10, 3]
    assert third["cursor"] is None
    names = [item["invited_user_public_id"] for items in pages for item in items]
    assert names == [f"person-{number}" for number in reversed(range(23))]


async def test_sent_dates_are_words(sim: Simulator) -> None:
    """The date is relative text, and the instant derived from it drifts."""
    provider_id = await sim.person("jane-doe", "never_answers")
    await sim.invite(provider_id)
    sim.clock.advance(15 * DAY)

    item = (await sim.get("/users/invite/sent")).json()["items"][0]
    assert item["date"] == "Sent 2 weeks ago"
    assert item["parsed_datetime"] == "2026-01-06T08:00:00.000Z"


async def test_received_invitations_are_answered(sim: Simulator) -> None:
    """Accepting one makes a connection; it needs the shared secret."""
    await sim.person("jane-doe", "never_answers")
    await sim.control("POST", "/people/jane-doe/invite", account_id=ACCOUNT)
    item = (await sim.get("/users/invite/received")).json()["items"][0]
    path = f"/users/invite/received/{item['id']}"
    secret = item["specifics"]["shared_secret"]
    body = {"provider": "LINKEDIN", "action": "accept"}

    assert error(await sim.post(path, shared_secret="no", **body)) == (400, "invalid_parameters")
    answer = await sim.post(path, shared_secret=secret, **body)
    assert answer.json() == {"object": "UserInvitationHandled", "status": "ACCEPTED"}
    assert (await sim.get("/users/jane-doe")).json()["network_distance"] == "FIRST_DEGREE"


async def test_what_is_not_pending_can_be_not_found(make: Make) -> None:
    """The knob chooses what the withdrawal of an accepted invitation gets."""
    sim = make(Config(knobs=Knobs(ended_invitation_error="resource_not_found")))
    sent = await sim.invite(await sim.person("jane-doe", "never_answers"))
    await sim.control("POST", "/people/jane-doe/accept")

    answer = await sim.delete(f"/users/invite/sent/{sent.json()['invitation_id']}")

    assert error(answer) == (404, "resource_not_found")
