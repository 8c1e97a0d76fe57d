"""A compiled sequence in its row."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from campaigns.sequences.json_form import content_hash, sequence_from_json, sequence_to_json
from campaigns.sequences.sequence import (
    AiOptions,
    Condition,
    Exit,
    Question,
    Sequence,
    Step,
    StepKind,
)
from hypothesis import given
from hypothesis import strategies as st

texts = st.text(st.characters(codec="utf-8"), max_size=20)
durations = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))
ai_options = st.builds(
    AiOptions,
    tone=texts,
    mention_post=st.booleans(),
    style=st.none() | st.dictionaries(texts, texts),
)
steps = st.builds(
    Step,
    step_id=texts,
    index=st.integers(0, 100),
    kind=st.sampled_from(StepKind),
    next_step_id=st.none() | texts,
    next_delay=durations,
    accept_within=durations,
    recent_within=durations,
    text=texts,
    ai=st.none() | ai_options,
    only_if_no_reply=st.booleans(),
    wait_for=durations,
    literal=st.lists(texts, max_size=2).map(tuple),
    condition=st.none()
    | st.builds(Condition, question=st.sampled_from(Question), variable=texts, value=texts),
    exits=st.lists(
        st.builds(Exit, name=texts, step_id=st.none() | texts, delay=durations), max_size=3
    ).map(tuple),
)
sequences = st.builds(Sequence, steps=st.lists(steps, max_size=4).map(tuple))


@given(sequences)
def test_round_trip(sequence: Sequence) -> None:
    """What is stored is what is read, to the microsecond."""
    assert sequence_from_json(sequence_to_json(sequence)) == sequence


@given(sequences, sequences)
def test_hash(one: Sequence, other: Sequence) -> None:
    """Equal steps have equal hashes, and different steps different ones."""
    assert (content_hash(one) == content_hash(other)) == (one == other)


def test_hash_sees_every_setting(branching: Any) -> None:
    """A changed delay is a changed sequence."""
    sequence = branching.sequence()
    later = replace(sequence.steps[0], next_delay=timedelta(minutes=91))

    changed = Sequence(steps=(later, *sequence.steps[1:]))

    assert len(content_hash(sequence)) == 64
    assert content_hash(changed) != content_hash(sequence)


def test_steps_keep_their_hash(branching: Any) -> None:
    """Fields that came later are not in the JSON of steps that do not use them."""
    written = json.loads(sequence_to_json(branching.sequence()))

    assert not {"wait_for", "condition", "exits"} & {name for s in written["steps"] for name in s}
    assert content_hash(branching.sequence()) == (
        "0044cee57d909091d6225464383639d39b6ffdcdc767790d1c0df133564fa57c"
    )


def test_rows_of_other_versions() -> None:
    """A row may lack fields that came later, and have fields that went."""
    row = {"steps": [{"step_id": "a", "index": 0, "kind": "profile_visit", "colour": "red"}]}

    assert sequence_from_json(json.dumps(row)).steps == (
        Step(step_id="a", index=0, kind=StepKind.PROFILE_VISIT),
    )
