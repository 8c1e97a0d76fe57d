"""What a customer has confirmed to be meant as it stands is said so, whoever judges or says it."""

from __future__ import annotations

import json

import pytest
from campaigns.builder.compiler import compile_sequence
from campaigns.models import HeldBack, Person
from campaigns.sequences.json_form import sequence_from_json, sequence_to_json
from campaigns.sequences.sequence import Sequence, Step, StepKind
from campaigns.sequences.variants import text_of
from campaigns.texts.lead_check import lead_check, reader_of, said_check
from campaigns.texts.placeholders import lookalikes
from campaigns.texts.render import Reader, TextInvalid, render, rendering
from campaigns.texts.writing import AnswerRefused, checked_answer
from hypothesis import given
from hypothesis import strategies as st

NOTE, MESSAGE = StepKind.SEND_CONNECTION_REQUEST, StepKind.SEND_FOLLOWUP
OF_THE_LIST = {"Demo": "Wednesday", "Looms": "a" * 90, "Our Team": "", "link": "x.example"}


def compiled(text: str, *variants: str, literal: list[str]) -> Step:
    """The step of that text and its variants, as it is read from its row."""
    config = {"customMessage": text}
    if variants:
        versions = [{"name": f"v{i}", "text": each} for i, each in enumerate(variants)]
        config["variants"] = versions  # type: ignore[assignment]
    node = {"id": "say", "data": {"type": "send_followup", "config": config}}
    source = json.dumps({"nodes": [node | {"type": "action"}], "edges": []})
    compilation = compile_sequence(source, writer_configured=True, literal=literal)
    assert compilation.violations == ()
    assert compilation.sequence is not None
    return sequence_from_json(sequence_to_json(compilation.sequence)).steps[0]


def said(step: Step, **columns: str) -> str:
    person = Person(public_identifier="ada", first_name="Ada", variables=columns)
    reader = reader_of(step, 1, person, lead_id="lead_1", sender=None)
    return render(text_of(step, lead_id="lead_1"), reader)


@pytest.mark.parametrize(
    ("text", "literal", "told"),
    [
        ("Hi [Demo]", "[Demo]", "Hi [Demo]"),
        ("Hi <a [Demo] b>", "<a [Demo] b>", "Hi <a [Demo] b>"),
        ("Hi {{nope|[Demo]}}", "[Demo]", "Hi [Demo]"),
        ("Hi {{nope | default: 'a [Demo]'}}", "[Demo]", "Hi a [Demo]"),
        ("Hi [Our  Team]", "[Our Team]", "Hi [Our  Team]"),
        (r"{Hi [Demo\|Looms]|Hi [Demo\|Looms]}", "[Demo|Looms]", "Hi [Demo|Looms]"),
    ],
)
def test_it_is_not_filled_in(text: str, literal: str, told: str) -> None:
    """A column of the same name changes nothing of it, wherever it stands."""
    assert [each.text for each in lookalikes(text)] == [literal]
    assert said(compiled(text, literal=[literal]), **OF_THE_LIST) == told


def test_the_rest_is_filled_in() -> None:
    """Other brackets are variables as ever, and so is the same name in braces."""
    step = compiled("Hi [first_name] [Demo] {{Demo}} [our team offsite]", literal=["[Demo]"])

    told = said(step, Demo="Monday", **{"our team offsite": "Oslo"})

    assert told == "Hi Ada [Demo] Monday Oslo"


def test_what_nobody_was_asked_about_stays_a_variable() -> None:
    """Only what a text was asked about is kept: not a field of the lead, and not another's."""
    step = compiled("*|{{first_name}}|* [first_name]", literal=["*|{{first_name}}|*", "[Demo]"])

    assert step.literal == ()
    assert said(step) == "*|Ada|* Ada"


def test_rows_of_before() -> None:
    """A step that confirms nothing is written as ever, and one of before confirms nothing."""
    written = sequence_to_json(Sequence(steps=(compiled("Hi", literal=["[Demo]"]),)))

    assert "literal" not in written
    assert sequence_from_json(written).steps[0].literal == ()


PIECES = ["[Demo]", "[Looms]", "[Our Team]", "[link]", "<a [Demo] b>", "%NICK%", "[Demo|Looms]"]
words = st.sampled_from(
    [*PIECES, " ", "hi", "{{first_name|you}}", "{{nope|[Demo]}}", "{[Demo]|[link] {{nope|}}}", "\n"]
)
texts = st.lists(words, min_size=1, max_size=6).map(lambda drawn: "Hi " + "".join(drawn))
columns = st.dictionaries(
    st.sampled_from(sorted(OF_THE_LIST)), st.sampled_from(["", "a", "b" * 60]), max_size=4
)


@given(texts, texts, columns, st.sampled_from(["lead_1", "lead_2", "lead_3"]))
def test_everybody_says_it_as_it_stands(
    text: str, other: str, columns: dict[str, str], lead_id: str
) -> None:
    """The law: once all is confirmed, no list changes what is said, nor who is held back."""
    told = [each.text for one in (text, other) for each in lookalikes(one)]
    step = compiled(text, other, literal=told)
    sequence = Sequence(steps=(step,))
    listed, plain = (Person(public_identifier="p", variables=each) for each in (columns, {}))

    texts = [
        rendering(
            text_of(step, lead_id=lead_id),
            reader_of(step, 1, person, lead_id=lead_id, sender=None),
        )
        for person in (listed, plain)
    ]

    assert texts[0] == texts[1]
    judged = {
        check(sequence, ())(lead_id, person)
        for check in (lead_check, said_check)
        for person in (listed, plain)
    }
    assert len(judged) == 1


def test_a_column_inside_a_variable() -> None:
    """A list whose column stands in a fallback holds its leads back; it crashed every import."""
    text = "Hi {{company|see [pdf]}}"
    sequence = Sequence(steps=(Step(step_id="s", index=0, kind=MESSAGE, text=text),))
    person = Person(public_identifier="ada", variables={"pdf": "x"})

    held = lead_check(sequence, ())("lead_1", person)

    assert held == HeldBack(
        reason="VARIABLE_MISSING",
        detail="“{{company|see [pdf]}}” has a variable within a variable.",
    )
    with pytest.raises(TextInvalid):
        render(text, Reader(person=person))


def test_what_ai_repeats_of_it() -> None:
    """AI may repeat what is confirmed, and nothing else that looks like it."""
    answer = "We run [Demo] on Monday."

    assert checked_answer(answer, MESSAGE, literal=["[Demo]"]) == answer
    for literal, said in (([], answer), (["[Demo]"], "We run [Demos] and [Demo].")):
        with pytest.raises(AnswerRefused):
            checked_answer(said, MESSAGE, literal=literal)
