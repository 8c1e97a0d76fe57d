"""Texts with variables."""

from __future__ import annotations

import pytest
from campaigns.models import Person
from campaigns.texts import (
    MissingVariables,
    TextInvalid,
    Variable,
    literal_length,
    render,
    values_of,
    variable_name,
    variables_of,
)
from hypothesis import given
from hypothesis import strategies as st

JANE = Person(
    public_identifier="jane-doe",
    first_name="JANE",
    last_name="Doe, MBA",
    company="Acme, Ltd.",
    title="Plant Manager",
    variables={"pain_point": "late\nparts", "blank": "", "coupon": "{{coupon}}"},
)
NOBODY = Person(public_identifier="nobody")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{first_name}}", "Hi Jane"),
        ("Hi {{FIRST_NAME}} {{ firstName }} {{First Name}}", "Hi Jane Jane Jane"),
        ("{{full_name}} / {{name}}", "Jane Doe / Jane Doe"),
        ("{{company}}, {{company_name}}, {{companyName}}", "Acme, Ltd., Acme, Ltd., Acme, Ltd."),
        ("{{title}} {{job_title}} {{jobTitle}}", "Plant Manager Plant Manager Plant Manager"),
        ("{{pain_point}} {{painPoint}} {{Pain Point}}", "late parts late parts late parts"),
        ("Hi [first_name] at [company_name]", "Hi Jane at Acme, Ltd."),
        ("[pain_point] [Pain Point]", "late parts late parts"),
        ("[PDF] [1] [see below] [unknown]", "[PDF] [1] [see below] [unknown]"),
        ("One\n\nTwo\r\nThree", "One\n\nTwo\nThree"),
        ("{{email|no address}}", "no address"),
        ("Hi [phone|there]", "Hi there"),
        ("  padded  ", "padded"),
        ("", ""),
    ],
)
def test_render(text: str, expected: str) -> None:
    """Both syntaxes, any spelling, columns, fallbacks; newlines and brackets survive."""
    assert render(text, JANE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{first_name|}}, how are you?", "Hi, how are you?"),
        ("Hi {{first_name|}} and welcome", "Hi and welcome"),
        ("{{first_name|}} welcome", "welcome"),
        ("Welcome {{first_name|}}", "Welcome"),
        ("Hi {{first_name|}} {{last_name|}}!", "Hi!"),
        ("Hi {{first_name | there }}!", "Hi there!"),
    ],
)
def test_empty_fallbacks(text: str, expected: str) -> None:
    """A fallback may be nothing, and then leaves no gap."""
    assert render(text, NOBODY) == expected


def test_missing_variables() -> None:
    """All variables without a value and a fallback are told, each once."""
    with pytest.raises(MissingVariables) as error:
        render("{{first_name}} {{email}} {{nope}} {{email}} {{zip|x}} {{blank}}", JANE)

    assert error.value.names == ("email", "nope", "blank")


def test_blank_names_are_missing() -> None:
    """A name of which nothing is left after cleaning is no name."""
    with pytest.raises(MissingVariables):
        render("Hi {{first_name}}", Person(public_identifier="x", first_name="🚀"))


def test_unfilled_template_in_the_list() -> None:
    """A value that is itself a template is no value; its braces never go out."""
    with pytest.raises(MissingVariables):
        render("{{coupon}}", JANE)


def test_brackets_of_a_field_without_value() -> None:
    """A bracket that names a field is a variable even where the lead has no value."""
    with pytest.raises(MissingVariables):
        render("Hi [first_name]", NOBODY)


@pytest.mark.parametrize("text", ["{", "}}", "{{}}", "{{ }}", "{{|x}}", "{{a", "{a}", "{{a|{b}}}"])
def test_braces_without_sense(text: str) -> None:
    """A brace that belongs to no variable is refused."""
    with pytest.raises(TextInvalid):
        render(text, JANE)
    with pytest.raises(TextInvalid):
        variables_of(text)


def test_variables_of() -> None:
    """The variables in their order, under their one name, with fallbacks."""
    assert variables_of("{{firstName|you}} [PDF] [job_title] {{Machine Park}}") == (
        Variable(name="first_name", fallback="you"),
        Variable(name="title"),
        Variable(name="machine_park"),
    )


def test_literal_length() -> None:
    """What stays of a text, whoever it is for."""
    assert literal_length("Hi {{first_name|there}}!") == len("Hi !")


def test_column_fills_an_empty_field() -> None:
    """A column named like a field stands in where the field is empty."""
    person = Person(public_identifier="x", variables={"Company": "Acme"})

    assert render("{{company}}", person) == "Acme"


fragments = st.sampled_from(
    [
        "{{first_name}}",
        "{{nope|x}}",
        "{{nope|}}",
        "[company]",
        "[x]",
        " ",
        "\n",
        "{",
        "}}",
        ",",
        "a",
    ]
)
values = st.text(max_size=12)


@given(st.lists(fragments | st.text(max_size=4), max_size=8).map("".join), values, values, values)
def test_never_a_brace_on_the_wire(text: str, first: str, company: str, extra: str) -> None:
    """Whatever the text and the list hold, what is sent has no brace in it."""
    person = Person(
        public_identifier="x", first_name=first, company=company, variables={"x": extra}
    )
    try:
        said = render(text, person)
    except (TextInvalid, MissingVariables):
        return
    assert not set("{}") & set(said)


@given(st.text(st.characters(exclude_characters="{}[]\r"), max_size=40))
def test_text_without_variables(text: str) -> None:
    """A text without variables is sent as it is written."""
    assert render(text, NOBODY) == text.strip()


@given(st.text(st.characters(codec="ascii"), max_size=20))
def test_one_name(name: str) -> None:
    """A name that has been brought to its one spelling stays so."""
    assert variable_name(variable_name(name)) == variable_name(name)


def test_values_are_single_lines() -> None:
    """Values are put into sentences, so they have no line breaks."""
    assert values_of(JANE)["pain_point"] == "late parts"
