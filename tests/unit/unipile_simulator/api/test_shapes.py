"""Fields as live answers have them: absent instead of null, and in the right words."""

from collections.abc import Iterator
from typing import Any

import pytest
from unipile_simulator.network.engagement import READ_NAMES

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Make, Simulator, error


def nulls(value: Any, path: str = "") -> Iterator[str]:
    """Where a null stands."""
    if value is None:
        yield path
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from nulls(each, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from nulls(each, f"{path}[]")


async def test_optional_texts_are_absent_instead_of_null(make: Make) -> None:
    """Pictures, subjects, secrets, descriptions, names: what there is not is not there."""
    sim = make(connections=60)
    provider_id = await sim.person("jane-doe", "already_connected")
    reposter = await sim.person("reposter", "only_reposts")
    await sim.write(provider_id, "hello")
    await sim.invite(await sim.person("stranger", "never_answers"))
    await sim.listen("users")
    profile = (await sim.get("/users/jane-doe", linkedin_sections="*")).json()
    relations = (await sim.get("/users/relations")).json()["items"]
    posts = (await sim.get(f"/users/{reposter}/posts")).json()["items"]
    lists = {
        "relations": relations,
        "chats": (await sim.get("/chats")).json()["items"],
        "attendees": (await sim.get("/chat_attendees")).json()["items"],
        "sent": (await sim.get("/users/invite/sent")).json()["items"],
        "webhooks": (await sim.http.get("/webhooks")).json()["items"],
        "posts": posts,
        "jobs": profile["work_experience"],
    }

    assert {path for name, items in lists.items() for path in nulls(items, name)} <= {
        "chats[].name",
        "chats[].muted_until",
        "sent[].invitation_text",
        "jobs[].end",
        # A repost's source is somebody whom nobody knows here.
        "posts[].author.id",
        "posts[].author.public_identifier",
        "posts[].repost_content.author.id",
        "posts[].repost_content.author.public_identifier",
    }
    pictured = ["profile_picture_url" in item for item in relations]
    assert any(pictured)
    assert not all(pictured)
    assert lists["sent"][0]["specifics"] == {"provider": "LINKEDIN"}


async def test_recommendations_are_an_object(sim: Simulator) -> None:
    """Received and given stand in one object, as far as they were asked for."""
    path = "/users/jane-doe"
    both = (await sim.get(path, linkedin_sections="*")).json()["recommendations"]
    one = (await sim.get(path, linkedin_sections="recommendations_given")).json()

    assert both.keys() == {"received", "received_total_count", "given", "given_total_count"}
    assert one["recommendations"] == {"given": [], "given_total_count": 0}


async def test_a_comment_speaks_as_profiles_do(sim: Simulator) -> None:
    """FIRST_DEGREE to OUT_OF_NETWORK, not the words of searches."""
    provider_id = await sim.person("jane-doe", "already_connected")
    words = set()
    for post in (await sim.get(f"/users/{provider_id}/posts")).json()["items"]:
        await sim.post(f"/posts/{post['social_id']}/comments", text="Well put.")
        comments = (await sim.get(f"/posts/{post['social_id']}/comments")).json()["items"]
        words |= {comment["author_details"]["network_distance"] for comment in comments}

    assert words == {"THIRD_DEGREE", "OUT_OF_NETWORK"}


async def test_a_search_says_what_it_searched(sim: Simulator) -> None:
    """Its config has the category, its items two sizes of a picture."""
    body = {"api": "classic", "category": "people", "keywords": "founder"}
    answer = await sim.http.post("/linkedin/search", params={"account_id": ACCOUNT}, json=body)

    assert answer.json()["config"] == {"params": body}
    assert all("profile_picture_url_large" in item for item in answer.json()["items"])


async def test_registrations_of_statuses_list_no_events(sim: Simulator) -> None:
    """`events` is empty for account_status, whatever it was registered for."""
    await sim.listen("account_status", events=["ok", "error"])
    await sim.listen("users")

    items = (await sim.http.get("/webhooks")).json()["items"]

    assert [item["events"] for item in items] == [[], ["new_relation"]]


@pytest.mark.parametrize("word", ["followers", "following", "relations", "me"])
async def test_a_route_is_not_a_person(sim: Simulator, word: str) -> None:
    """What stands beside `/users/{identifier}` is no identifier."""
    answer = await sim.get(f"/users/{word}")

    assert answer.json()["object"] != "UserProfile"
    assert sim.world.people.known(word) is None


async def test_an_unnamed_webhook_names_none(sim: Simulator) -> None:
    """Neither in the list nor in what it is sent."""
    await sim.listen("messaging")
    await sim.write(await sim.person("jane-doe", "already_connected"), "hello")

    assert "webhook_name" not in await sim.receiver.next()
    assert "name" not in (await sim.http.get("/webhooks")).json()["items"][0]


async def test_who_needs_an_email_needs_theirs(sim: Simulator) -> None:
    """Where an address is known it must be that one; where none is, any will do."""
    provider_id = await sim.person("jane-doe", "needs_email")
    await sim.control("PUT", "/people/jane-doe", email="jane@firm.example")

    for wrong in ({}, {"user_email": "other@firm.example"}):
        refused = await sim.invite(provider_id, **wrong)
        assert error(refused) == (422, "cannot_invite_attendee")
    assert (await sim.invite(provider_id, user_email="Jane@firm.example")).status_code == 200


async def test_somebody_may_have_invited_us_first(sim: Simulator) -> None:
    """The profile says RECEIVED; inviting them is too early; accepting their note opens a chat."""
    await sim.listen("messaging")
    await sim.listen("users")
    provider_id = await sim.person("jane-doe", "invites_first")
    before = (await sim.get("/users/jane-doe")).json()
    item = (await sim.get("/users/invite/received")).json()["items"][0]
    path = f"/users/invite/received/{item['id']}"
    answer = {
        "provider": "LINKEDIN",
        "shared_secret": item["specifics"]["shared_secret"],
        "action": "accept",
    }

    assert before["invitation"] == {"type": "RECEIVED", "status": "PENDING"}
    assert error(await sim.invite(provider_id)) == (422, "already_invited_recently")
    assert (await sim.get("/users/invite/sent")).json()["items"] == []
    assert (await sim.post(path, **answer)).json()["status"] == "ACCEPTED"
    assert (await sim.get("/users/jane-doe")).json()["is_relationship"] is True
    sim.clock.advance(DAY)
    assert (await sim.receiver.next())["event"] == "new_relation"
    assert error(await sim.post(path, **answer)) == (400, "invalid_parameters")


async def test_an_accepted_note_of_theirs_is_their_message(sim: Simulator) -> None:
    """It comes as a message of theirs, of type INVITATION."""
    await sim.listen("messaging")
    await sim.control("POST", "/people/jane-doe/invite", account_id=ACCOUNT, note="Hi there")
    item = (await sim.get("/users/invite/received")).json()["items"][0]
    secret = item["specifics"]["shared_secret"]
    await sim.post(
        f"/users/invite/received/{item['id']}",
        provider="LINKEDIN",
        shared_secret=secret,
        action="accept",
    )

    told = await sim.receiver.next()
    assert (told["message"], told["message_type"]) == ("Hi there", "INVITATION")
    assert told["is_sender"] is False


async def test_who_was_declined_may_be_invited(sim: Simulator) -> None:
    """A declined invitation of theirs is in nobody's way."""
    provider_id = await sim.person("jane-doe", "invites_first")
    item = (await sim.get("/users/invite/received")).json()["items"][0]
    declined = await sim.post(
        f"/users/invite/received/{item['id']}",
        provider="LINKEDIN",
        shared_secret=item["specifics"]["shared_secret"],
        action="decline",
    )

    assert declined.json()["status"] == "DECLINED"
    assert (await sim.invite(provider_id)).status_code == 200


async def balance(sim: Simulator) -> dict[str, int | None]:
    answer = (await sim.get("/linkedin/inmail_balance")).json()
    return {name: answer[name] for name in ("premium", "sales_navigator", "recruiter")}


async def test_each_subscription_has_credits_of_its_own(make: Make) -> None:
    """An InMail costs its product's; the wrong product and the wrong id cost nothing."""
    sim = make(tier="sales_navigator")
    classic = await sim.person("jane-doe", "never_answers")
    ids = (await sim.control("GET", "/people/jane-doe"))["ids"][ACCOUNT]
    before = {"premium": None, "sales_navigator": 50, "recruiter": None}

    async def inmail(api: str, provider_id: str) -> Any:
        more = {"linkedin[api]": api, "linkedin[inmail]": "true"}
        return await sim.write(provider_id, "hello", **more)

    assert error(await inmail("classic", classic)) == (403, "feature_not_subscribed")
    assert error(await inmail("recruiter", ids["recruiter"])) == (403, "feature_not_subscribed")
    assert error(await inmail("sales_navigator", classic)) == (422, "invalid_recipient")
    assert await balance(sim) == before
    assert (await inmail("sales_navigator", ids["sales_navigator"])).status_code == 201
    assert await balance(sim) == before | {"sales_navigator": 49}


async def test_credits_are_set_from_outside(make: Make) -> None:
    """A further subscription comes with its credits; none left is 422; a month brings more."""
    sim = make(tier="premium")
    await sim.person("jane-doe", "never_answers")
    ids = (await sim.control("GET", "/people/jane-doe"))["ids"][ACCOUNT]
    path = f"/accounts/{ACCOUNT}/inmail_credits"
    await sim.control("PUT", path, recruiter=0)
    api = {"linkedin[api]": "recruiter", "linkedin[inmail]": "true"}

    assert error(await sim.write(ids["recruiter"], "x", **api)) == (422, "insufficient_credits")
    sim.clock.advance(30 * DAY)
    assert (await sim.write(ids["recruiter"], "x", **api)).status_code == 201
    assert (await balance(sim))["recruiter"] == 149
    for wrong in ({"fax": 1}, {"premium": -1}, {"premium": "many"}):
        answer = await sim.http.put(f"http://simulator/_simulator{path}", json=wrong)
        assert error(answer) == (400, "invalid_parameters")


@pytest.mark.parametrize("kind", list(READ_NAMES))
async def test_every_reaction_has_two_names(sim: Simulator, kind: str) -> None:
    """One in writing, another in reading."""
    provider_id = await sim.person("jane-doe", "never_answers")
    post = (await sim.get(f"/users/{provider_id}/posts")).json()["items"][0]["social_id"]
    await sim.post("/posts/reaction", post_id=post, reaction_type=kind)

    assert (await sim.get(f"/posts/{post}")).json()["user_reacted"] == READ_NAMES[kind]
