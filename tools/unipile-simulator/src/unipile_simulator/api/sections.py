"""Sections of a profile: experience, education, skills and the like."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, assert_never

from unipile_simulator.api.calls import Call
from unipile_simulator.clock import DAY, us_date
from unipile_simulator.dice import Dice
from unipile_simulator.errors import invalid
from unipile_simulator.people.names import COMPANIES, POSITIONS
from unipile_simulator.people.people import Person
from unipile_simulator.world.world import World


class Section(StrEnum):
    """A section, as it is asked for."""

    EXPERIENCE = "experience"
    EDUCATION = "education"
    LANGUAGES = "languages"
    SKILLS = "skills"
    CERTIFICATIONS = "certifications"
    ABOUT = "about"
    VOLUNTEERING_EXPERIENCE = "volunteering_experience"
    PROJECTS = "projects"
    RECOMMENDATIONS_RECEIVED = "recommendations_received"
    RECOMMENDATIONS_GIVEN = "recommendations_given"

    @property
    def field(self) -> str:
        """The field of the profile that it stands in."""
        match self:
            case Section.EXPERIENCE:
                return "work_experience"
            case Section.ABOUT:
                return "summary"
            case Section.RECOMMENDATIONS_RECEIVED | Section.RECOMMENDATIONS_GIVEN:
                return "recommendations"
            case (
                Section.EDUCATION
                | Section.LANGUAGES
                | Section.SKILLS
                | Section.CERTIFICATIONS
                | Section.VOLUNTEERING_EXPERIENCE
                | Section.PROJECTS
            ):
                return self.value
            case _:
                assert_never(self)


_NAMES = frozenset(Section)
_SKILLS = ("Negotiation", "Python", "Forecasting", "Public speaking", "Procurement", "Design")
_SCHOOLS = ("Riverside University", "Institute of Technology North", "Hillcrest College")


def wanted_sections(call: Call) -> list[Section]:
    """What `linkedin_sections` asks for: repeated, or joined by commas."""
    wanted: list[Section] = []
    for value in call.query.getlist("linkedin_sections"):
        for part in value.split(","):
            name = part.strip()
            if name in {"*", "*_preview"}:
                wanted.extend(Section)
            elif name.removesuffix("_preview") in _NAMES:
                wanted.append(Section(name.removesuffix("_preview")))
            elif name:
                raise invalid("/linkedin_sections: Expected union value")
    return list(dict.fromkeys(wanted))


def section_fields(
    world: World, person: Person, sections: list[Section], now: float
) -> dict[str, Any]:
    """The sections asked for; throttled ones are empty, and named."""
    dice, rate = world.dice, world.config.knobs.throttled_sections
    shown: dict[str, Any] = {}
    throttled = []
    for section in sections:
        name = section.field
        if name == "recommendations":
            kind = section.removeprefix("recommendations_")
            shown.setdefault(name, {}).update({kind: [], f"{kind}_total_count": 0})
            continue
        late = dice.chance(rate, "throttled", person.public_id, section, int(now // DAY))
        if late:
            throttled.append(section)
        value = _section(dice, person, section)
        if section is Section.ABOUT:
            shown[name] = "" if late else value
        else:
            shown[name] = [] if late else value
            shown[f"{name}_total_count"] = len(value)
    if throttled:
        shown["throttled_sections"] = throttled
    return shown


def _section(dice: Dice, person: Person, section: Section) -> Any:
    match section:
        case Section.ABOUT:
            return f"{person.first_name} works as {person.position} at {person.company}."
        case Section.EXPERIENCE:
            return _experience(dice, person)
        case Section.EDUCATION:
            school = dice.pick(_SCHOOLS, "school", person.public_id)
            return [{"degree": "BSc", "school": school, "start": "9/1/2006", "end": "6/1/2010"}]
        case Section.LANGUAGES:
            return [{"name": "English", "proficiency": "Full professional proficiency"}]
        case Section.SKILLS:
            first = dice.number(len(_SKILLS), "skills", person.public_id)
            return [
                {
                    "name": _SKILLS[(first + index) % len(_SKILLS)],
                    "endorsement_count": dice.number(40, "endorsed", person.public_id, index),
                    "endorsement_id": None,
                    "insights": [],
                    "endorsed": False,
                }
                for index in range(3)
            ]
        case (
            Section.CERTIFICATIONS
            | Section.VOLUNTEERING_EXPERIENCE
            | Section.PROJECTS
            | Section.RECOMMENDATIONS_RECEIVED
            | Section.RECOMMENDATIONS_GIVEN
        ):
            return []
        case _:
            assert_never(section)


def _experience(dice: Dice, person: Person) -> list[dict[str, Any]]:
    start = 1_500_000_000 + dice.number(1000, "job", person.public_id) * DAY
    jobs: list[dict[str, Any]] = [
        {
            "position": person.position,
            "company": person.company,
            "location": person.location,
            "skills": [],
            "start": us_date(start),
            "end": None,
        },
        {
            "position": dice.pick(POSITIONS, "former job", person.public_id),
            "company": dice.pick(COMPANIES, "former company", person.public_id),
            "location": person.location,
            "skills": [],
            "start": us_date(start - 900 * DAY),
            "end": us_date(start - 20 * DAY),
        },
    ]
    for index, job in enumerate(jobs):
        if dice.chance(0.5, "described", person.public_id, index):
            job["description"] = f"Responsible for what a {job['position']} does."
    return jobs
