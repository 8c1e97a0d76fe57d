"""Ids for each product and viewer, and names that change."""

import base64
from pathlib import Path

import pytest
from unipile_simulator import Config, ManualClock, World
from unipile_simulator.people.ids import Product, member_of, product_of
from unipile_simulator.people.lead_list import read_leads
from unipile_simulator.store import SqliteStore

from tests.unit.unipile_simulator.conftest import ACCOUNT, Make, Simulator, error

SHAPES = {
    Product.CLASSIC: "ACoAA",
    Product.SALES_NAVIGATOR: "ACwAA",
    Product.RECRUITER: "AEMAA",
}


async def test_every_product_and_viewer_has_an_id_of_its_own(sim: Simulator) -> None:
    """Three products and two accounts are six ids of one member, each of its product's shape."""
    await sim.control("POST", "/accounts", id="account-2")
    ids = (await sim.control("GET", "/people/jane-doe"))["ids"]

    every = [(product, it) for seen in ids.values() for product, it in seen.items()]
    assert len({it for _, it in every}) == 6
    for product, it in every:
        assert it.startswith(SHAPES[Product(product)])
        assert product_of(it) == product
        assert len(it) == 39
    assert len({member_of(it) for _, it in every}) == 1


def test_an_id_needs_a_shape() -> None:
    """What has none is of no product, and no member."""
    assert product_of("ACxAA" + "a" * 34) is None
    assert member_of("jane-doe") is None
    assert member_of("ACoAA" + "*" * 34) is None


@pytest.mark.parametrize("product", list(Product))
async def test_an_id_of_any_product_is_the_same_person(sim: Simulator, product: Product) -> None:
    """A profile is found by each of the three, and answers with the classic one."""
    ids = (await sim.control("GET", "/people/jane-doe"))["ids"][ACCOUNT]

    profile = (await sim.get(f"/users/{ids[product]}")).json()

    assert profile["public_identifier"] == "jane-doe"
    assert profile["provider_id"] == ids["classic"]
    assert profile["member_urn"].isdigit()
    assert (await sim.journal())[0]["target_provider_id"] == ids[product]


async def test_a_profile_answers_in_the_product_asked_for(make: Make) -> None:
    """`linkedin_api` chooses the id; an account without the product is refused."""
    sim = make(tier="sales_navigator")
    ids = (await sim.control("GET", "/people/jane-doe"))["ids"][ACCOUNT]

    asked = await sim.get("/users/jane-doe", linkedin_api="sales_navigator")
    other = await sim.get("/users/jane-doe", linkedin_api="recruiter")
    unknown = await sim.get("/users/jane-doe", linkedin_api="classic")

    assert asked.json()["provider_id"] == ids["sales_navigator"]
    assert error(other) == (403, "feature_not_subscribed")
    assert error(unknown) == (400, "invalid_parameters")


async def test_a_search_answers_in_the_product_asked_for(make: Make) -> None:
    """The items of a Sales Navigator search have its ids."""
    sim = make(tier="sales_navigator")

    for product in (Product.CLASSIC, Product.SALES_NAVIGATOR):
        body = {"api": product, "category": "people", "keywords": "founder"}
        answer = await sim.http.post("/linkedin/search", params={"account_id": ACCOUNT}, json=body)
        assert {product_of(item["id"]) for item in answer.json()["items"]} == {product}


async def test_acts_take_the_classic_id(sim: Simulator) -> None:
    """An invitation or a classic message by another product's id is 422 invalid_recipient."""
    await sim.person("jane-doe", "already_connected")
    ids = (await sim.control("GET", "/people/jane-doe"))["ids"][ACCOUNT]

    assert error(await sim.invite(ids["sales_navigator"])) == (422, "invalid_recipient")
    assert error(await sim.write(ids["recruiter"], "x")) == (422, "invalid_recipient")


async def test_member_urn_has_two_forms(sim: Simulator) -> None:
    """A bare number on a profile, the classic id in a urn on a relation."""
    provider_id = await sim.person("jane-doe", "already_connected")

    profile = (await sim.get("/users/jane-doe")).json()
    relations = (await sim.get("/users/relations")).json()["items"]

    mine = next(item for item in relations if item["member_id"] == provider_id)
    assert mine["member_urn"] == f"urn:li:fsd_profile:{provider_id}"
    assert int(profile["member_urn"]) == member_of(provider_id)


async def test_every_name_ever_had_resolves_to_the_present_one(sim: Simulator) -> None:
    """Old names and the assigned one are the same person, who answers with the present name."""
    first = (await sim.get("/users/ada-quill")).json()
    assigned = (await sim.control("GET", "/people/ada-quill"))["assigned_name"]
    await sim.control("POST", "/people/ada-quill/rename", public_identifier="ada-weaves")
    await sim.control("POST", "/people/ada-weaves/rename", public_identifier="Ada-Looms")

    assert assigned.startswith("ada-quill-")
    for name in ("ada-quill", "ada-weaves", "ada-looms", assigned, first["provider_id"]):
        profile = (await sim.get(f"/users/{name}")).json()
        assert profile["public_identifier"] == "ada-looms"
        assert profile["public_profile_url"] == "https://www.linkedin.com/in/ada-looms"
        assert profile["provider_id"] == first["provider_id"]
    assert {it["target"] for it in await sim.journal()} == {"ada-quill"}


async def test_one_can_go_back_to_a_former_name(sim: Simulator) -> None:
    """The present name is the last one taken."""
    for name in ("second", "jane-doe"):
        await sim.control("POST", "/people/jane-doe/rename", public_identifier=name)

    assert (await sim.get("/users/second")).json()["public_identifier"] == "jane-doe"


async def test_a_name_is_taken_once(sim: Simulator) -> None:
    """Somebody else's name, and what is no name, are refused."""
    await sim.get("/users/somebody-else")
    provider_id = (await sim.get("/users/jane-doe")).json()["provider_id"]
    path = "http://simulator/_simulator/people/jane-doe/rename"

    for name in ("somebody-else", "", "a b", provider_id):
        answer = await sim.http.post(path, json={"public_identifier": name})
        assert error(answer) == (400, "invalid_parameters")


async def test_names_are_ordered_by_config_and_by_list(make: Make, tmp_path: Path) -> None:
    """`renames`, and a column of the lead list, whose facts stay with the first name."""
    sim = make(Config(renames={"old-name": "new-name"}))
    path = tmp_path / "leads.csv"
    path.write_text(
        "linkedin,first name,renamed to\n"
        "https://www.linkedin.com/in/bo-marsh,Bo,bo-weaves\n"
        "https://www.linkedin.com/in/old-name,Olga,\n",
        "utf-8",
    )
    sim.world.add_people(read_leads(path))

    for old, new, first in (("bo-marsh", "bo-weaves", "Bo"), ("old-name", "new-name", "Olga")):
        for name in (old, new):
            profile = (await sim.get(f"/users/{name}")).json()
            assert (profile["public_identifier"], profile["first_name"]) == (new, first)


async def test_a_list_may_name_people_by_id(sim: Simulator, tmp_path: Path) -> None:
    """A row whose address is an id adds nobody: it is the person of another row."""
    ids = (await sim.control("GET", "/people/bo-marsh"))["ids"][ACCOUNT]
    path = tmp_path / "leads.csv"
    rows = [f"https://www.linkedin.com/in/{it}/" for it in ids.values()]
    path.write_text("linkedin\n" + "\n".join(rows), "utf-8")
    before = len(sim.world.people)

    assert sim.world.add_people(read_leads(path)) == 3
    assert len(sim.world.people) == before
    raw = base64.urlsafe_b64decode(ids["classic"][5:] + "==")
    assert sim.world.people.by_member_id(int.from_bytes(raw[:8], "big")) is not None


def test_names_outlive_the_process(tmp_path: Path) -> None:
    """Another process knows the former names too."""
    path = tmp_path / "state.db"
    world = World(store=SqliteStore(path), clock=ManualClock())
    person = world.people.find("jane-doe")
    assert person is not None
    world.people.rename(person, "jane-now")
    world.store.commit()

    again = World(store=SqliteStore(path), clock=ManualClock()).people

    assert again.known("jane-doe") is again.known("jane-now")
    assert again.must("jane-doe").public_identifier == "jane-now"
