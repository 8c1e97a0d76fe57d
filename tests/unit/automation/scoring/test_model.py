"""A model is text, adds up, and is refused where it cannot be read."""

import json
import math
from time import perf_counter

import pytest
from automation.scoring.features import OTHER
from automation.scoring.model import (
    SCHEMA,
    Model,
    ModelRefusal,
    ModelRefused,
    RuleWeight,
    Sigmoid,
    model_json,
    model_of,
)
from automation.scoring.ranking import strongest
from automation.scoring.rules import MISSING
from hypothesis import given
from hypothesis import strategies as st

LEVELS = (MISSING, OTHER, "vp", "engineer")
MODEL = Model(
    intercept=-1.0,
    weights={
        "seniority": {"vp": 0.6, "engineer": -0.3, OTHER: -0.1, MISSING: 0.05},
        "industry": {"Software": 0.2, OTHER: -0.2},
    },
    rule=RuleWeight(weight=0.5, mean=10.0, spread=5.0),
    calibration=Sigmoid(slope=1.2, intercept=0.1),
)
numbers = st.floats(-5, 5)
models = st.builds(
    Model,
    intercept=numbers,
    weights=st.dictionaries(
        st.sampled_from(["seniority", "industry", "country"]),
        st.dictionaries(st.sampled_from(LEVELS), numbers, min_size=1),
    ),
    rule=st.builds(RuleWeight, weight=numbers, mean=numbers, spread=st.floats(0.1, 9)),
    calibration=st.builds(Sigmoid, slope=st.floats(0.1, 3), intercept=numbers),
)
people = st.dictionaries(
    st.sampled_from(["seniority", "industry", "shoe size"]), st.sampled_from(["vp", "never seen"])
)


def log_odds(chance: float) -> float:
    return math.log(chance / (1 - chance))


@given(models, people, st.floats(-100, 100))
def test_a_score_is_a_probability(model: Model, person: dict[str, str], points: float) -> None:
    """Whatever somebody has, known or not, and however many points."""
    assert 0 <= model.score(person, points) <= 1


@given(models, people, st.floats(-3, 3))
def test_terms_add_up_to_the_score(model: Model, person: dict[str, str], points: float) -> None:
    """What holds for everybody, and the terms, are the whole of it."""
    everybody = model.calibration.slope * model.intercept + model.calibration.intercept
    told = everybody + sum(term.points for term in model.told(person, points))

    if abs(told) < 20:
        assert log_odds(model.score(person, points)) == pytest.approx(told, abs=1e-4)


@given(models)
def test_a_model_is_the_same_when_it_is_read_again(model: Model) -> None:
    """Also byte by byte, once it was written."""
    text = model_json(model)

    assert model_json(model_of(text)) == text


def test_a_level_never_seen_counts_as_other() -> None:
    """And one that is not known as that, where it was learned."""
    assert MODEL.score({"seniority": "astronaut"}, 0) == MODEL.score({"seniority": OTHER}, 0)
    assert MODEL.score({}, 0) == MODEL.score({"seniority": MISSING}, 0)


def test_a_column_that_was_not_learned_has_no_effect() -> None:
    """What tells the outcome, as `Replied = yes`, is not among the weights."""
    person = {"seniority": "vp", "industry": "Software"}

    assert MODEL.score({**person, "replied": "yes"}, 3) == MODEL.score(person, 3)


def test_the_strongest_terms_are_told() -> None:
    """Those that speak for somebody first, then those that speak against them."""
    told = strongest(MODEL.told({"seniority": "vp", "industry": "Farming"}, 5))

    assert [(term.feature, term.level) for term in told] == [
        ("seniority", "vp"),
        ("rules", "5"),
        ("industry", "Farming"),
    ]
    assert told[0].points == pytest.approx(0.72)


def changed(**told: object) -> str:
    return json.dumps({**json.loads(model_json(MODEL)), **told})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (changed(schema=SCHEMA + 1), ModelRefusal.NEWER_SCHEMA),
        (changed(schema=SCHEMA + 1, weights="of another kind"), ModelRefusal.NEWER_SCHEMA),
        (changed(schema=0), ModelRefusal.CORRUPT),
        (changed(schema=True), ModelRefusal.CORRUPT),
        (changed(schema="1"), ModelRefusal.CORRUPT),
        (changed(intercept="high"), ModelRefusal.CORRUPT),
        (changed(intercept=float("nan")), ModelRefusal.CORRUPT),
        (changed(weights={"seniority": {"vp": float("inf")}}), ModelRefusal.CORRUPT),
        (changed(weights=[]), ModelRefusal.CORRUPT),
        (changed(rule={"weight": 1, "mean": 0, "spread": 0}), ModelRefusal.CORRUPT),
        (changed(rule={"weight": 1}), ModelRefusal.CORRUPT),
        (changed(calibration={"slope": -1, "intercept": 0}), ModelRefusal.CORRUPT),
        ("", ModelRefusal.CORRUPT),
        ("[]", ModelRefusal.CORRUPT),
        ("null", ModelRefusal.CORRUPT),
        (model_json(MODEL)[:-9], ModelRefusal.CORRUPT),
        ("[" * 100_000, ModelRefusal.CORRUPT),
    ],
)
def test_what_is_no_model_is_refused(text: str, reason: ModelRefusal) -> None:
    """By its reason, whatever stands there; the rules rank then."""
    with pytest.raises(ModelRefused) as refused:
        model_of(text)

    assert refused.value.reason is reason


def test_many_are_scored_in_a_second() -> None:
    """50,000 a second are asked for; the best of a few turns counts, others run beside it."""
    person = {"seniority": "vp", "industry": "Software", "country": "Chile", "size": "50-200"}
    turns = []
    for _ in range(5):
        began = perf_counter()
        for points in range(2_000):
            MODEL.score(person, points)
        turns.append(2_000 / (perf_counter() - began))

    assert max(turns) >= 50_000
