"""The champion scores where it can be read; else the rules, and it is said why."""

from dataclasses import replace

import pytest
from automation.scoring.champion import Champion, ChosenScorer, scorer_of
from automation.scoring.model import SCHEMA, ModelRefusal, model_json, model_of
from automation.scoring.rules import Rules

from tests.unit.automation.scoring.test_model import MODEL


def test_a_champion_that_can_be_read_scores() -> None:
    """As the model does."""
    chosen = scorer_of(Champion(model_id="mdl_1", body=model_json(MODEL)), Rules())

    assert chosen == ChosenScorer(model=model_of(model_json(MODEL)), model_id="mdl_1")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (f'{{"schema": {SCHEMA + 1}}}', ModelRefusal.NEWER_SCHEMA),
        ("", ModelRefusal.CORRUPT),
        ("PK\x03\x04", ModelRefusal.CORRUPT),
    ],
)
def test_one_that_cannot_be_read_leaves_it_to_the_rules(body: str, refusal: ModelRefusal) -> None:
    """Newer, missing, or something else: which one is said."""
    chosen = scorer_of(Champion(model_id="mdl_1", body=body), Rules())

    assert chosen == ChosenScorer(model=None, model_id="mdl_1", refusal=refusal.value)


def test_without_a_champion_there_is_nothing_to_say() -> None:
    """The rules rank, as they did."""
    assert scorer_of(None, Rules()) == ChosenScorer()


MODEST = Rules(points={"seniority": {"vp": 20.0}})
BOLD = Rules(points={"seniority": {"vp": 200.0}})


@pytest.mark.parametrize(
    ("learned_by", "refusal"),
    [(MODEST.digest, ""), (BOLD.digest, "other_rules"), ("", "other_rules"), (None, "")],
)
def test_a_champion_of_other_rules_leaves_it_to_these(learned_by: str | None, refusal: str) -> None:
    """It weighs points that are others now; put back, it ranks again.

    One from before that was kept ranks as it did.
    """
    body = model_json(replace(MODEL, rules=learned_by))

    chosen = scorer_of(Champion(model_id="mdl_1", body=body), MODEST)

    assert (chosen.refusal, chosen.model_id) == (refusal, "mdl_1")
    assert chosen.ranks == ("" if refusal else "mdl_1")
