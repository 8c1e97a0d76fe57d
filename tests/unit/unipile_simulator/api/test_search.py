"""Searching for people, companies, posts and jobs."""

from typing import Any

import pytest

from tests.unit.unipile_simulator.conftest import ACCOUNT, Make, Simulator, error

ROUTE = "/linkedin/search"


async def search(sim: Simulator, limit: int = 10, **body: Any) -> Any:
    query = {"account_id": ACCOUNT, "limit": str(limit)}
    return await sim.http.post(ROUTE, params=query, json={"api": "classic", **body})


async def found(sim: Simulator, **body: Any) -> list[dict[str, Any]]:
    """Everything, page by page."""
    items: list[dict[str, Any]] = []
    query: dict[str, str] = {"account_id": ACCOUNT, "limit": "7"}
    while True:
        answer = await sim.http.post(ROUTE, params=query, json={"api": "classic", **body})
        items += answer.json()["items"]
        if answer.json()["cursor"] is None:
            assert len(items) == answer.json()["paging"]["total_count"]
            return items
        query["cursor"] = answer.json()["cursor"]


async def test_companies_by_name(sim: Simulator) -> None:
    """Those that people work at are among them, each once, and keep their numbers."""
    await sim.control("PUT", "/people/jane-doe", company="Quartz Looms")

    items = await found(sim, category="companies", keywords="quartz")

    assert [item["name"] for item in items] == ["Quartz Looms", "Quartz Robotics"]
    assert {item["type"] for item in items} == {"COMPANY"}
    assert items == await found(sim, category="companies", keywords="QUARTZ")


async def test_posts_by_words(sim: Simulator) -> None:
    """Newest first, each once, and each can be read and commented on by its own ids."""
    await sim.person("jane-doe", "already_connected")
    await sim.person("john-roe", "never_answers")

    items = await found(sim, category="posts", keywords="team onboarding")

    ids = [item["id"] for item in items]
    assert ids
    assert len(set(ids)) == len(ids)
    assert all("onboarding" in item["text"] for item in items)
    assert [each["parsed_datetime"] for each in items] == sorted(
        (each["parsed_datetime"] for each in items), reverse=True
    )
    read = (await sim.get(f"/posts/{ids[0]}")).json()
    assert {**read, "object": "SearchResult", "type": "POST"} == items[0]
    said = await sim.post(
        f"/posts/{items[0]['social_id']}/comments", account_id=ACCOUNT, text="Well put."
    )
    assert said.status_code == 201


async def test_jobs_by_title_or_company(sim: Simulator) -> None:
    """Those of the companies that a search finds, as many as each says that it has."""
    await sim.control("PUT", "/people/jane-doe", company="Quartz Looms")
    companies = await found(sim, category="companies", keywords="quartz")

    items = await found(sim, category="jobs", keywords="quartz")

    assert {item["type"] for item in items} == {"JOB"}
    assert len({item["id"] for item in items}) == len(items)
    assert len(items) == sum(each["job_offers_count"] for each in companies)
    ids = {item["company"]["id"] for item in items if item["company"]}
    assert ids == {each["id"] for each in companies}
    assert items == await found(sim, category="jobs", keywords="QUARTZ")
    (title, *_) = (item["title"] for item in items)
    assert all(
        title.lower() in item["title"].lower()
        for item in await found(sim, category="jobs", keywords=title)
    )


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("search/results/companies/", "companies"),
        ("search/results/content/", "posts"),
        ("search/results/people/", "people"),
        ("search/results/all/", "people"),
        ("sales/search/company", "companies"),
        ("jobs/search/", "jobs"),
    ],
)
async def test_an_address_says_what_is_searched_for(
    sim: Simulator, path: str, category: str
) -> None:
    """As one copies it out of the browser."""
    answer = await search(sim, url=f"https://www.linkedin.com/{path}?keywords=logistics")

    params = answer.json()["config"]["params"]
    assert (params["category"], params["keywords"]) == (category, "logistics")


@pytest.mark.parametrize(
    "body",
    [
        {"category": "jobs", "api": "sales_navigator"},
        {"category": "companies", "api": "recruiter"},
        {"category": "posts", "api": "sales_navigator"},
    ],
)
async def test_what_nobody_knows_the_shape_of(make: Make, body: dict[str, str]) -> None:
    """Is 501 instead of invented."""
    sim = make(tier="recruiter" if body.get("api") == "recruiter" else "sales_navigator")

    assert error(await search(sim, **body)) == (501, "feature_not_implemented")
