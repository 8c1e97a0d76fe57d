"""Posts, comments and reactions."""

from dataclasses import replace
from typing import Any

import pytest
from unipile_simulator import Config, Knobs, Limits

from tests.unit.unipile_simulator.conftest import DAY, Make, Simulator, error


async def posts_of(sim: Simulator, temperament: str = "accepts_late") -> list[dict[str, Any]]:
    """The posts of somebody of this temperament."""
    provider_id = await sim.person("jane-doe", temperament)
    items: list[dict[str, Any]] = (await sim.get(f"/users/{provider_id}/posts")).json()["items"]
    return items


async def test_posts_have_two_ids(sim: Simulator) -> None:
    """`id` is a number, `social_id` a URN; for ugcPost and share the numbers differ."""
    posts = []
    for public_id in ("jane-doe", "ada-berg", "hugo-weiss"):
        provider_id = await sim.person(public_id, "accepts_late")
        posts += (await sim.get(f"/users/{provider_id}/posts")).json()["items"]

    assert all(post["id"] != post["social_id"] for post in posts)
    kinds = {post["social_id"].split(":")[2] for post in posts}
    assert kinds == {"activity", "ugcPost", "share"}
    for post in posts:
        same = post["social_id"].endswith(post["id"])
        assert same == (":activity:" in post["social_id"])


async def test_posts_are_listed_by_provider_id_only(sim: Simulator) -> None:
    """A public identifier is invalid_recipient here; so is somebody locked."""
    locked = await sim.person("locked", "locked_profile")

    assert error(await sim.get("/users/jane-doe/posts")) == (422, "invalid_recipient")
    assert error(await sim.get(f"/users/{locked}/posts")) == (422, "invalid_recipient")


async def test_posts_are_paged(sim: Simulator) -> None:
    """A walk by cursor sees each post once, newest first."""
    provider_id = await sim.person("jane-doe", "accepts_late")
    everything = [post["id"] for post in await posts_of(sim)]

    first = (await sim.get(f"/users/{provider_id}/posts", limit=7)).json()
    second = (await sim.get(f"/users/{provider_id}/posts", cursor=first["cursor"])).json()
    assert [post["id"] for post in first["items"] + second["items"]] == everything[:14]
    assert first["paging"] == {"page_count": 7}


async def test_people_post_as_they_are(sim: Simulator) -> None:
    """None, only reposts, or posts that may not be commented."""
    assert await posts_of(sim, "no_posts") == []
    assert all(post["is_repost"] for post in await posts_of(sim, "only_reposts"))
    closed = await posts_of(sim, "comments_disabled")
    assert not any(post["permissions"]["can_post_comments"] for post in closed)
    felt = await posts_of(sim, "already_reacted")
    assert felt[0]["user_reacted"] == "LIKE"


async def test_time_brings_new_posts(sim: Simulator) -> None:
    """After a month there is a post that was not there before, and the old ones keep ids."""
    before = [post["id"] for post in await posts_of(sim)]
    sim.clock.advance(30 * DAY)

    after = [post["id"] for post in await posts_of(sim)]
    assert after[0] not in before
    assert before[0] in after


async def test_a_post_is_got_by_id_or_urn(sim: Simulator) -> None:
    """Both name the same post; unknown numbers are 404."""
    for post in await posts_of(sim):
        by_id = (await sim.get(f"/posts/{post['id']}")).json()
        by_urn = (await sim.get(f"/posts/{post['social_id']}")).json()
        assert by_id == by_urn == post
    assert error(await sim.get("/posts/7123456789012345678")) == (404, "resource_not_found")


async def test_a_comment_is_added_under_the_social_id(sim: Simulator) -> None:
    """201, and the list has it under the owner's id; twice is two comments."""
    post = (await posts_of(sim))[0]
    path = f"/posts/{post['social_id']}/comments"
    for _ in range(2):
        answer = await sim.post(path, text="Well put.")
        assert (answer.status_code, answer.json()["object"]) == (201, "CommentSent")

    comments = (await sim.get(path)).json()
    me = (await sim.get("/users/me")).json()["provider_id"]
    mine = [it for it in comments["items"] if it["author_details"]["id"] == me]
    assert [it["text"] for it in mine] == ["Well put.", "Well put."]
    assert comments["total_items"] == post["comment_counter"] + 2


async def test_the_bare_id_of_a_ugc_post_does_not_do(sim: Simulator) -> None:
    """Comments and reactions want the social id; only activity posts forgive."""
    posts = await posts_of(sim)
    ugc = next(post for post in posts if ":ugcPost:" in post["social_id"])
    activity = next(post for post in posts if ":activity:" in post["social_id"])

    assert error(await sim.post(f"/posts/{ugc['id']}/comments", text="x"))[0] == 404
    assert error(await sim.post("/posts/reaction", post_id=ugc["id"]))[0] == 404
    assert (await sim.post("/posts/reaction", post_id=activity["id"])).status_code == 201


async def test_social_ids_may_be_percent_encoded(sim: Simulator) -> None:
    """`%3A` and `:` are the same path."""
    social_id = (await posts_of(sim))[0]["social_id"]

    answer = await sim.post(f"/posts/{social_id.replace(':', '%3A')}/comments", text="x")

    assert answer.status_code == 201


async def test_comments_have_a_length_and_complete_mentions(sim: Simulator) -> None:
    """1250 characters, and no mention without a person."""
    path = f"/posts/{(await posts_of(sim))[0]['social_id']}/comments"

    assert error(await sim.post(path, text="x" * 1251)) == (400, "too_many_characters")
    assert error(await sim.post(path, text="Hi {{0}}")) == (400, "invalid_parameters")
    assert (await sim.post(path, text="x" * 1250)).status_code == 201


async def test_closed_posts_refuse(sim: Simulator) -> None:
    """comments_disabled and invalid_post, and nothing changes."""
    path = f"/posts/{(await posts_of(sim, 'comments_disabled'))[0]['social_id']}/comments"
    assert error(await sim.post(path, text="x")) == (422, "comments_disabled")
    social_id = (await posts_of(sim, "reactions_disabled"))[0]["social_id"]
    assert error(await sim.post("/posts/reaction", post_id=social_id)) == (422, "invalid_post")
    assert await sim.journal(changed="true") == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("like", "LIKE"),
        ("celebrate", "PRAISE"),
        ("support", "APPRECIATION"),
        ("love", "EMPATHY"),
        ("insightful", "INTEREST"),
        ("funny", "ENTERTAINMENT"),
    ],
)
async def test_reactions_are_read_under_other_names(
    sim: Simulator, written: str, read: str
) -> None:
    """What is written as `love` is read as `EMPATHY`."""
    social_id = (await posts_of(sim))[0]["social_id"]

    answer = await sim.post("/posts/reaction", post_id=social_id, reaction_type=written)

    assert (answer.status_code, answer.json()) == (201, {"object": "ReactionAdded"})
    assert (await posts_of(sim))[0]["user_reacted"] == read
    reactions = (await sim.get(f"/posts/{social_id}/reactions")).json()
    assert reactions["items"][0]["value"] == read
    assert "cursor" in reactions["paging"]


async def test_reacting_again_changes_nothing(sim: Simulator) -> None:
    """One reaction per member: the second is accepted and the journal knows better."""
    social_id = (await posts_of(sim))[0]["social_id"]
    await sim.post("/posts/reaction", post_id=social_id)
    await sim.post("/posts/reaction", post_id=social_id)

    assert [it["changed"] for it in await sim.journal(kind="reaction")] == [True, False]


async def test_comments_are_rationed(make: Make) -> None:
    """Over the day's number it is 429."""
    sim = make(Config(limits=replace(Limits(), comments_day=1)))
    path = f"/posts/{(await posts_of(sim))[0]['social_id']}/comments"
    await sim.post(path, text="one")

    assert error(await sim.post(path, text="two")) == (429, "too_many_requests")


async def test_a_comment_may_not_say_whose_it_is(make: Make) -> None:
    """With the knob, comments have a text and no author."""
    sim = make(Config(knobs=Knobs(anonymous_comments=1.0)))
    provider_id = await sim.person("jane-doe", "already_connected")
    post = (await sim.get(f"/users/{provider_id}/posts")).json()["items"][0]["social_id"]
    await sim.post(f"/posts/{post}/comments", text="Well put.")

    items = (await sim.get(f"/posts/{post}/comments")).json()["items"]

    assert "Well put." in [item["text"] for item in items]
    assert [item["author"] for item in items] == [None] * len(items)
    assert not any("author_details" in item for item in items)
