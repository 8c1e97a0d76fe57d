"""How long the demo goes on, how fast, with how many people, and what happens on which day."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from devstack.demo.automation.world import WorldKind
from devstack.demo.demo import BadInput, read_speed

SPEED = 36_000.0
"""While leads walk on two processors a run takes a second and more: half a day."""
WEEKS = 8
PLAN_PER_DAY = 12
LEADS_PER_DAY = 6
"""With how many the campaign begins: fewer than are planned, so that a rise has an effect."""
TIME_OF_DAY = "00:30"
"""Hours before the sending window opens: at this speed half a second is a morning."""
EXPLORATION = 0.25
"""More than a program's default, so that eight weeks tell ranking from chance."""
GUARDRAILS = {"most_refusals": 0, "hold_out_weeks": 0, "most_opt_outs": 0.15}
"""One refusal is enough, and a verdict archives at once: a hold-out takes longer than the demo."""
_YES, _NO = "yes", "no"
_FEWEST_WEEKS, _MOST_WEEKS = 1, 53
_FEWEST_PEOPLE, _MOST_PEOPLE = 10, 9_999
_WORKING_DAYS = 5


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one world is run with."""

    world: WorldKind
    speed: float = SPEED
    weeks: int = WEEKS
    seed: int = 308
    has_rules: bool = True
    """Whether the customer says who is wanted; else nobody is preferred."""
    people: int = 0
    """On the list; 0: as many as there are places."""

    @property
    def leads(self) -> int:
        """So many that they last until the end, unless another number is given."""
        return self.people or self.weeks * _WORKING_DAYS * PLAN_PER_DAY

    @property
    def lasts(self) -> timedelta:
        """In virtual time."""
        return timedelta(weeks=self.weeks)

    @property
    def refused_after(self) -> timedelta:
        """When LinkedIn refuses a sender: in the middle, with time to take the pause back."""
        return self.lasts / 2

    @property
    def is_whole(self) -> bool:
        """Whether there is time for the whole story: a verdict, a rise, and a pause."""
        return self.weeks >= WEEKS


def read_plans(environ: Mapping[str, str]) -> list[Plan]:
    """The worlds of `DEMO_WORLD`, both unless one is named, at `DEMO_SPEED` for `DEMO_WEEKS`.

    With `DEMO_RULES=no` people are taken as they stand on the list, to compare with; of a list of
    `DEMO_PEOPLE` more than are taken, so that it makes a difference who is.

    On a machine that is busy with something else time goes slower, unless the speed is given: a
    day that cannot be run in time is only counted, and tells no story.

    Raises:
        BadInput: there is no such world, or a number is none.
    """
    named = environ.get("DEMO_WORLD", "").strip()
    if named and named not in [*WorldKind]:
        raise BadInput(f"DEMO_WORLD: {named!r} is none of {', '.join(WorldKind)}")
    worlds = [WorldKind(named)] if named else [*WorldKind]
    speed = read_speed(environ) or suitable_speed(os.getloadavg()[0], os.cpu_count() or 1)
    weeks = _number(environ, "DEMO_WEEKS", WEEKS, (_FEWEST_WEEKS, _MOST_WEEKS))
    people = _number(environ, "DEMO_PEOPLE", 0, (_FEWEST_PEOPLE, _MOST_PEOPLE))
    rules = environ.get("DEMO_RULES", "").strip() or _YES
    if rules not in {_YES, _NO}:
        raise BadInput(f"DEMO_RULES: {rules!r} is neither {_YES} nor {_NO}")
    return [
        Plan(world=world, speed=speed, weeks=weeks, has_rules=rules == _YES, people=people)
        for world in worlds
    ]


def suitable_speed(load: float, processors: int) -> float:
    """As fast as an idle machine of two processors can follow; slower by what others do there."""
    return round(SPEED / max(1.0, load / processors), -2)


def _number(environ: Mapping[str, str], name: str, otherwise: int, span: tuple[int, int]) -> int:
    text, (least, most) = environ.get(name, "").strip(), span
    if not text:
        return otherwise
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadInput(f"{name}: {text!r} is not a number from {least} to {most}")
    return int(text)


def guardrails_json() -> str:
    """At what the demo's program stops by itself."""
    return json.dumps(GUARDRAILS)
