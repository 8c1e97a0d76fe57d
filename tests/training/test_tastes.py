"""The simulator's people, asked without a stack: where they have tastes, ranking beats chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean

import pytest

pytest.importorskip("sklearn", reason="of the extra `training`: make training")

from automation.scoring.features import ScoredPerson, features_of
from automation.scoring.model import Model, model_of
from automation.training.dataset import Dataset, TrainingRow
from automation.training.evaluation import Verdict
from automation.training.fit.__main__ import train
from unipile_simulator.config import TasteKind
from unipile_simulator.dice import Dice
from unipile_simulator.people.names import COMPANIES, POSITIONS
from unipile_simulator.people.people import Person
from unipile_simulator.people.tastes import Approach, Tastes
from unipile_simulator.people.workplaces import industry

from tests.training.conftest import Note

NOTE = "Good to meet you."
MONDAY = 1_800_000_000.0
INVITED = datetime.fromtimestamp(MONDAY, UTC)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who could be invited; how likely they accept is the world's secret."""

    row: TrainingRow
    chance: float


def crowd(kind: TasteKind, seed: int, count: int) -> Sequence[Candidate]:
    """People of the simulator's own names, invited over ten weeks by one sender."""
    dice = Dice(seed)
    tastes = Tastes(dice, kind)
    found = []
    for number in range(count):
        person = Person(
            public_id=f"mem-{number}",
            member_id=number,
            first_name="",
            last_name="",
            position=dice.pick(POSITIONS, "position", number),
            company=dice.pick(COMPANIES, "company", number),
            location="",
            temperament="chooses",
        )
        chance = tastes.accepts(Approach(sender="ann", person=person, text=NOTE, at=MONDAY))
        row = TrainingRow(
            lead_id=f"lead_{number:05}",
            company_key=person.company,
            week=number * 10 // count,
            features=features_of(
                ScoredPerson(title=person.position, industry=industry(dice, person.company)),
                now=INVITED,
            ),
            rule_score=0.0,
            accepted=dice.chance(chance, "accepts", number),
        )
        found.append(Candidate(row=row, chance=chance))
    return found


def lift(model: Model | None, later: Sequence[Candidate]) -> float:
    """How much more of the first third accept than of everybody, by the hidden truth.

    Without a model the list's own order ranks.
    """
    ranked = sorted(
        later, key=lambda each: -(model.score(each.row.features, 0.0) if model else 0.0)
    )
    return fmean(each.chance for each in ranked[: len(later) // 3]) / fmean(
        each.chance for each in later
    )


def learned(people: Sequence[Candidate]) -> Model | None:
    """The model that may rank, if there is one."""
    result = train(Dataset.of([each.row for each in people]), seed=1)
    return model_of(result.model) if result.verdict is Verdict.PROMOTABLE else None


def test_ranking_beats_chance_where_there_are_tastes(note: Note) -> None:
    """Of ten worlds: models are promoted in most of them, and the first third accept more."""
    lifts = {}
    for seed in range(10):
        people = crowd("seeded", seed, 1_000)
        model = learned(people[:600])
        if model is not None:
            lifts[seed] = lift(model, people[600:])
    note(tastes_promoted=len(lifts), tastes_lift=fmean(lifts.values()), tastes_worlds=10)

    assert len(lifts) >= 7
    assert min(lifts.values()) > 1.1
    assert fmean(lifts.values()) > 1.25


def test_ranking_makes_no_difference_where_there_are_none(note: Note) -> None:
    """Of ten indifferent worlds: whatever ranks, the first third accept as the others do."""
    models = {seed: learned(crowd("indifferent", seed, 600)) for seed in range(10)}
    lifts = [lift(model, crowd("indifferent", seed, 400)) for seed, model in models.items()]
    promoted = sum(model is not None for model in models.values())
    note(indifferent_promoted=promoted, indifferent_lift=fmean(lifts))

    assert promoted <= 1
    assert all(0.9 < each < 1.1 for each in lifts)
