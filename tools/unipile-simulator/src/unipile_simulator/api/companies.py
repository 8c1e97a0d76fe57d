"""Companies and their openings, as searches show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unipile_simulator.api.calls import Call
from unipile_simulator.clock import DAY, iso
from unipile_simulator.people.names import COMPANIES, LOCATIONS, POSITIONS
from unipile_simulator.people.workplaces import industry

_HEADCOUNTS = ("2-10", "11-50", "51-200", "201-500", "501-1000", "1001-5000")


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A job that a company offers."""

    company: str
    title: str
    number: int


def company_names(call: Call) -> list[str]:
    """Where people work, and some more, in order."""
    named = {person.company for person in call.world.people} | set(COMPANIES)
    return sorted(name for name in named if name)


def openings(call: Call, companies: Iterable[str]) -> list[Opening]:
    """Every job that these companies offer."""
    dice = call.world.dice
    return [
        Opening(company=company, title=dice.pick(POSITIONS, "job", company, number), number=number)
        for company in companies
        for number in range(_openings_of(call, company))
    ]


def job_item(call: Call, opening: Opening) -> dict[str, Any]:
    """One opening, as a search shows it; of some it does not tell whose it is, or since when."""
    dice, key = call.world.dice, (opening.company, opening.number)
    job_id = str(3_900_000_000 + dice.number(1 << 28, "job id", *key))
    remote = dice.chance(0.2, "job anywhere", *key)
    by_hand = dice.chance(0.1, "job of nobody", *key)
    # Whole days, so that the same search finds the same all day long.
    posted_at = (call.now // DAY - dice.number(40, "job age", *key)) * DAY
    return {
        "object": "SearchResult",
        "type": "JOB",
        "id": job_id,
        "reference_id": dice.token("job reference", *key),
        "title": opening.title,
        "location": None if remote else dice.pick(LOCATIONS, "job at", *key),
        "posted_at": None if dice.chance(0.1, "job undated", *key) else iso(posted_at),
        "reposted": dice.chance(0.2, "job again", *key),
        "url": f"https://www.linkedin.com/jobs/view/{job_id}/",
        "promoted": dice.chance(0.3, "job promoted", *key),
        "benefits": [],
        "easy_apply": dice.chance(0.5, "job easy", *key),
        "company": None if by_hand else _employer(call, opening.company),
    }


def _employer(call: Call, name: str) -> dict[str, Any]:
    return {
        "id": _company_id(call, name),
        "public_identifier": _slug(name),
        "name": name,
        "profile_url": f"https://www.linkedin.com/company/{_slug(name)}/",
        "profile_picture_url": None,
    }


def _company_id(call: Call, name: str) -> str:
    return str(1_000_000 + call.world.dice.number(1 << 26, "company", name))


def _slug(name: str) -> str:
    return "-".join(name.lower().split())


def _openings_of(call: Call, company: str) -> int:
    """How many openings a company has, which its own entry tells too."""
    return call.world.dice.number(40, "company jobs", company)


def company_item(call: Call, name: str) -> dict[str, Any]:
    """A company, as a search shows it."""
    dice = call.world.dice
    return {
        "object": "SearchResult",
        "type": "COMPANY",
        "id": _company_id(call, name),
        "name": name,
        "location": dice.pick(LOCATIONS, "company at", name),
        "profile_url": f"https://www.linkedin.com/company/{_slug(name)}/",
        "industry": industry(dice, name),
        "summary": None,
        "followers_count": dice.number(50_000, "company followers", name),
        "job_offers_count": _openings_of(call, name),
        "headcount": dice.pick(_HEADCOUNTS, "company size", name),
    }
