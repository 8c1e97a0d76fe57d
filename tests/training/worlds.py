"""People who were invited in worlds that are drawn: with tastes, or indifferent."""

import math
import random
from collections.abc import Mapping, Sequence

from automation.training.dataset import Dataset, TrainingRow

LEVELS = {"seniority": 5, "function": 8, "industry": 6, "country": 8, "company_size": 6}


def drawn(
    people: int,
    *,
    seed: int = 1,
    taste: float = 0.6,
    weeks: int = 8,
    base: float = -0.8,
    rules: bool = False,
) -> list[TrainingRow]:
    """So many; `taste` is how far log odds differ by level, 0 where nobody cares.

    With `rules` the customer's points say what is true of the seniority.
    """
    dice = random.Random(seed)
    effects = {
        (name, level): dice.gauss(0, taste)
        for name, levels in LEVELS.items()
        for level in range(levels)
    }
    rows = []
    for number in range(people):
        levels = {name: dice.randrange(count) for name, count in LEVELS.items()}
        told = base + sum(effects[each] for each in levels.items())
        points = 10 * effects["seniority", levels["seniority"]] if rules else 0.0
        rows.append(
            TrainingRow(
                lead_id=f"lead_{seed}_{number:05}",
                company_key=f"company_{dice.randrange(people)}",
                week=number * weeks // people,
                features={name: f"{name}-{level}" for name, level in levels.items()},
                rule_score=points,
                accepted=dice.random() < 1 / (1 + math.exp(-told)),
            )
        )
    return rows


def dataset(people: int, **told: float) -> Dataset:
    """Of `drawn`."""
    return Dataset.of(drawn(people, **told))  # type: ignore[arg-type]


def fake(count: int, features: Mapping[str, str], *, week: int = 7) -> Sequence[TrainingRow]:
    """People of one company who accept, all alike."""
    return [
        TrainingRow(
            lead_id=f"lead_fake_{number:04}",
            company_key="company_fake",
            week=week,
            features=features,
            rule_score=0.0,
            accepted=True,
        )
        for number in range(count)
    ]
