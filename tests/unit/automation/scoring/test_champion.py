"""The champion scores where it can be read; else the rules, and it is said why."""

import pytest
from automation.scoring.champion import Champion, ChosenScorer, scorer_of
from automation.scoring.model import SCHEMA, ModelRefusal, model_json, model_of

from tests.unit.automation.scoring.test_model import MODEL


def test_a_champion_that_can_be_read_scores() -> None:
    """As the model does."""
    chosen = scorer_of(Champion(model_id="mdl_1", body=model_json(MODEL)))

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
    chosen = scorer_of(Champion(model_id="mdl_1", body=body))

    assert chosen == ChosenScorer(model=None, model_id="mdl_1", refusal=refusal.value)


def test_without_a_champion_there_is_nothing_to_say() -> None:
    """The rules rank, as they did."""
    assert scorer_of(None) == ChosenScorer()
