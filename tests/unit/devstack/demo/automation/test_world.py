"""What the demo of a program promises about its worlds, asked of the simulator itself."""

from statistics import fmean

import pytest
from campaigns.builder.compiler import compile_sequence
from devstack.demo.automation import world
from devstack.demo.automation.plan import SPEED, Plan, read_plans, suitable_speed
from devstack.demo.automation.world import TASTES_OF, TITLES, WorldKind
from devstack.demo.demo import BadInput
from unipile_simulator.clock import ManualClock
from unipile_simulator.config import Config
from unipile_simulator.people.tastes import Approach, check_kind
from unipile_simulator.world.world import World


def chance(kind: WorldKind, variant: str, titles: range = range(len(TITLES))) -> float:
    """How likely people with these titles accept the variant, in the demo's world."""
    seed = Plan(world=kind).seed
    clock = ManualClock()
    simulated = World(Config(seed=seed, tastes=check_kind(TASTES_OF[kind])), clock=clock)
    found = []
    for number in titles:
        person = simulated.people.add(
            world.public_identifier(number),
            seen_in="list",
            position=TITLES[number % len(TITLES)],
            company=world.company(number),
        )
        note = world.note(variant, number)
        approach = Approach(sender="ada", person=person, text=note, at=clock.now())
        found.append(simulated.tastes.accepts(approach))
    return fmean(found)


def test_the_long_note_is_truly_worse_where_people_have_tastes() -> None:
    """By so much that four looks at some hundred leads find it."""
    kind = WorldKind.TASTES

    assert chance(kind, world.SHORT) - chance(kind, world.LONG) > 0.25


def test_the_customers_guess_is_right_where_people_have_tastes() -> None:
    """Those whom the rules prefer accept more often than the list does."""
    kind = WorldKind.TASTES

    assert chance(kind, world.SHORT, range(3)) > chance(kind, world.SHORT) + 0.05


def test_nothing_makes_a_difference_where_people_are_indifferent() -> None:
    """Neither the words nor who is asked."""
    kind = WorldKind.INDIFFERENT

    assert chance(kind, world.SHORT) == chance(kind, world.LONG, range(3))


def test_the_sequence_is_one_that_runs() -> None:
    """Its variants are said to everybody, within what LinkedIn takes as a note."""
    assert compile_sequence(world.sequence(), writer_configured=False).violations == ()
    assert max(len(world.note(name, 699)) for name in world.NOTES) <= 300


def test_the_list_has_everybody_once() -> None:
    """And each works somewhere else, so that spacing by company leaves nobody out."""
    rows = world.lead_file(30).splitlines()[1:]

    assert (
        len({row.split(",")[2] for row in rows}) == len({row.split(",")[3] for row in rows}) == 30
    )


def test_both_worlds_run_unless_one_is_named() -> None:
    """`DEMO_WORLD` names one; others are refused before anything starts."""
    assert [each.world for each in read_plans({})] == [*WorldKind]
    assert [each.world for each in read_plans({"DEMO_WORLD": "indifferent"})] == ["indifferent"]
    with pytest.raises(BadInput, match="none of tastes, indifferent"):
        read_plans({"DEMO_WORLD": "flat"})
    with pytest.raises(BadInput, match="DEMO_WEEKS"):
        read_plans({"DEMO_WEEKS": "0"})
    with pytest.raises(BadInput, match="DEMO_PEOPLE"):
        read_plans({"DEMO_PEOPLE": "9"})
    with pytest.raises(BadInput, match="DEMO_RULES"):
        read_plans({"DEMO_RULES": "some"})
    assert [each.has_rules for each in read_plans({"DEMO_RULES": "no"})] == [False, False]


def test_a_list_lasts_until_the_end() -> None:
    """Whoever asks for a year has people for each of its working days."""
    assert [each.leads for each in read_plans({"DEMO_WEEKS": "8"})] == [480, 480]
    assert [each.leads for each in read_plans({"DEMO_WEEKS": "52"})] == [3120, 3120]
    assert [each.leads for each in read_plans({"DEMO_PEOPLE": "1920"})] == [1920, 1920]


def test_a_busy_machine_is_given_more_time() -> None:
    """Beside what others do there a day lasts longer; an idle one goes at full speed."""
    assert suitable_speed(0.3, 2) == SPEED
    assert suitable_speed(8.0, 2) == SPEED / 4
