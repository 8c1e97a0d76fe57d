"""Profiles, visits and relations."""

from dataclasses import replace

import pytest
from unipile_simulator import Config, Knobs, Limits

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Make, Simulator, error


async def test_anybody_plausible_is_somebody(sim: Simulator) -> None:
    """An identifier nobody has seen resolves to a person named after it."""
    profile = (await sim.get("/users/maria-van-dyke-4b7a91")).json()

    assert (profile["object"], profile["provider"]) == ("UserProfile", "LINKEDIN")
    assert (profile["first_name"], profile["last_name"]) == ("Maria", "Van Dyke")
    assert profile["provider_id"].startswith("ACo")


async def test_nobody_is_invented_when_told_so(make: Make) -> None:
    """Without invention only people on the list are there."""
    sim = make(Config(invent_people=False))

    answer = await sim.get("/users/maria-van-dyke")

    assert error(answer) == (404, "resource_not_found")
    assert answer.json()["detail"] == "User not found"


@pytest.mark.parametrize(
    ("knob", "opens", "acts"),
    [("refused", False, False), ("read", True, False), ("act", True, True)],
)
async def test_what_an_id_is_good_for_that_another_account_was_given(
    make: Make,
    knob: str,
    opens: bool,  # noqa: FBT001 - a column of the table
    acts: bool,  # noqa: FBT001
) -> None:
    """It opens the profile as an address does; an invitation takes the account's own alone."""
    sim = make(Config(knobs=Knobs(foreign_provider_ids=knob)))
    theirs = (await sim.get("/users/jane-doe")).json()["provider_id"]
    await sim.control("POST", "/accounts", id="account-2")

    seen = await sim.get(f"/users/{theirs}", account_id="account-2")
    posts = await sim.get(f"/users/{theirs}/posts", account_id="account-2")
    invited = await sim.invite(theirs, account_id="account-2")

    assert seen.is_success is opens
    if opens:
        assert seen.json()["public_identifier"] == "jane-doe"
        assert seen.json()["provider_id"] != theirs
    for answer in (posts, invited):
        assert answer.is_success is acts
        assert acts or error(answer) == (422, "invalid_recipient")


def test_a_knob_has_only_its_values(make: Make) -> None:
    """Another is refused at the start."""
    with pytest.raises(ValueError, match="refused, read, act"):
        make(Config(knobs=Knobs(foreign_provider_ids="maybe")))


async def test_sections_come_when_asked_for(sim: Simulator) -> None:
    """None by default; repeated and comma-joined are the same."""
    path = "/users/jane-doe"
    bare = (await sim.get(path)).json()
    repeated = (await sim.get(path, linkedin_sections=["experience", "about"])).json()
    joined = (await sim.get(path, linkedin_sections="experience,about")).json()

    assert "work_experience" not in bare
    assert repeated == joined
    assert repeated["work_experience"][0]["end"] is None
    assert repeated["summary"]
    assert "skills" not in repeated


async def test_throttled_sections_are_empty_and_named(make: Make) -> None:
    """Still 200, the arrays empty, the sections named."""
    sim = make(Config(knobs=Knobs(throttled_sections=1.0)))

    profile = (await sim.get("/users/jane-doe", linkedin_sections="experience")).json()

    assert profile["work_experience"] == []
    assert profile["throttled_sections"] == ["experience"]


async def test_only_notify_is_a_visit(sim: Simulator) -> None:
    """A silent read leaves no trace; `notify=true` is seen by the person, each time."""
    await sim.get("/users/jane-doe")
    await sim.get("/users/jane-doe", notify="false")
    await sim.get("/users/jane-doe", notify="true")

    assert len((await sim.state("jane-doe"))["visits"]) == 1
    assert len(await sim.journal(kind="visit", changed="true")) == 1
    assert error(await sim.get("/users/jane-doe", notify="yes")) == (400, "invalid_parameters")


@pytest.mark.parametrize(
    ("temperament", "expected"),
    [("not_found", (404, "resource_not_found")), ("locked_profile", (422, "invalid_recipient"))],
)
async def test_people_who_cannot_be_seen(
    sim: Simulator, temperament: str, expected: tuple[int, str]
) -> None:
    """A missing person is 404, a locked profile 422."""
    await sim.person("jane-doe", temperament)

    assert error(await sim.get("/users/jane-doe")) == expected


async def test_profiles_are_rationed_by_the_day(make: Make) -> None:
    """The profile after the last one of a day is 429, and a day later it is not."""
    sim = make(Config(limits=replace(Limits(), profiles_day=2)))
    for _ in range(2):
        assert (await sim.get("/users/jane-doe")).status_code == 200

    assert error(await sim.get("/users/jane-doe")) == (429, "too_many_requests")
    sim.clock.advance(DAY)
    assert (await sim.get("/users/jane-doe")).status_code == 200


async def test_the_profile_shows_how_they_stand(sim: Simulator) -> None:
    """Pending, withdrawn and connected are told by `invitation` and `network_distance`."""
    await sim.person("pending", "invitation_pending")
    await sim.person("withdrawn", "withdrawn_recently")
    await sim.person("connected", "already_connected")

    pending = (await sim.get("/users/pending")).json()
    withdrawn = (await sim.get("/users/withdrawn")).json()
    connected = (await sim.get("/users/connected")).json()
    assert pending["invitation"] == {"type": "SENT", "status": "PENDING"}
    assert withdrawn["invitation"] == {"type": "SENT", "status": "WITHDRAWN"}
    assert "invitation" not in connected
    assert connected["network_distance"] == "FIRST_DEGREE"
    assert connected["is_relationship"] is True
    assert "adresses" in connected["contact_info"]


async def test_me_is_the_owner(sim: Simulator) -> None:
    """`/users/me` has the id that the account's connection params have."""
    me = (await sim.get("/users/me")).json()
    account = (await sim.http.get(f"/accounts/{ACCOUNT}")).json()

    assert me["object"] == "AccountOwnerProfile"
    assert me["premium"] is True
    assert me["provider_id"] == account["connection_params"]["im"]["id"]


async def test_relations_are_walked_once_each_newest_first(make: Make) -> None:
    """A walk by cursor visits every connection once, the newest first."""
    sim = make(connections=25)
    await sim.person("jane-doe", "accepts_quickly")
    provider_id = (await sim.get("/users/jane-doe")).json()["provider_id"]
    await sim.invite(provider_id)
    sim.clock.advance(DAY)

    items, cursor = [], None
    while True:
        query = {"limit": 10} | ({"cursor": cursor} if cursor else {})
        page = (await sim.get("/users/relations", **query)).json()
        items += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert items[0]["member_id"] == provider_id
    assert len({item["member_id"] for item in items}) == len(items) == 26
    created = [item["created_at"] for item in items]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize("limit", ["0", "1001", "many"])
async def test_a_limit_out_of_range_is_400(sim: Simulator, limit: str) -> None:
    """Relations take 1 to 1000."""
    answer = await sim.get("/users/relations", limit=limit)

    assert error(answer) == (400, "invalid_parameters")


async def test_a_cursor_that_is_not_ours_is_400(sim: Simulator) -> None:
    """Cursors are opaque, but not anything."""
    answer = await sim.get("/users/relations", cursor="page-2")

    assert error(answer) == (400, "invalid_parameters")


async def test_a_profile_may_name_nobody(make: Make) -> None:
    """With the knob, names and public identifier are null; the ids still tell who it is."""
    sim = make(Config(knobs=Knobs(nameless_profiles=1.0)))
    provider_id = await sim.person("jane-doe", "never_answers")

    shown = (await sim.get("/users/jane-doe")).json()

    assert [shown[name] for name in ("public_identifier", "first_name", "last_name")] == [None] * 3
    assert shown["provider_id"] == provider_id
    assert shown["member_urn"].isdigit()
