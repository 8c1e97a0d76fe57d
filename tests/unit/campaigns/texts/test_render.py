"""Texts with variables."""

from __future__ import annotations

import pytest
from campaigns.models import Person
from campaigns.texts.render import (
    MissingVariables,
    Reader,
    Sender,
    TextInvalid,
    Variable,
    render,
    rendering,
    values_of,
    variable_name,
    variables_of,
)
from hypothesis import given, settings
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
    """Lesson 22: every variable is filled in, in both syntaxes, and newlines survive."""
    assert render(text, Reader(person=JANE)) == expected


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
    assert render(text, Reader(person=NOBODY)) == expected


def test_missing_variables() -> None:
    """All variables without a value and a fallback are told, each once."""
    with pytest.raises(MissingVariables) as error:
        render(
            "{{first_name}} {{email}} {{nope}} {{email}} {{zip|x}} {{blank}}", Reader(person=JANE)
        )

    assert error.value.names == ("email", "nope", "blank")


def test_blank_names_are_missing() -> None:
    """A name of which nothing is left after cleaning is no name."""
    with pytest.raises(MissingVariables):
        render("Hi {{first_name}}", Reader(person=Person(public_identifier="x", first_name="🚀")))


def test_unfilled_template_in_the_list() -> None:
    """A value that is itself a template is no value; its braces never go out."""
    with pytest.raises(MissingVariables):
        render("{{coupon}}", Reader(person=JANE))


def test_brackets_of_a_field_without_value() -> None:
    """A bracket that names a field is a variable even where the lead has no value."""
    with pytest.raises(MissingVariables):
        render("Hi [first_name]", Reader(person=NOBODY))


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}}",
        "{{}}",
        "{{ }}",
        "{{|x}}",
        "{{a",
        "{a}",
        "{{a|{b}}}",
        "{a|b",
        "a|b}",
        "{a|{b|c}",
        "\\{a|b\\}",
        "{{a|b|c}}",
        "{{sender.shoe}}",
        "{" * 30 + "a|b",
    ],
)
def test_braces_without_sense(text: str) -> None:
    """A brace that belongs to no variable is refused."""
    with pytest.raises(TextInvalid):
        render(text, Reader(person=JANE))
    with pytest.raises(TextInvalid):
        variables_of(text)


def test_variables_of() -> None:
    """The variables in their order, under their one name, with fallbacks."""
    assert variables_of("{{firstName|you}} [PDF] [job_title] {{Machine Park}}") == (
        Variable(name="first_name", fallback="you"),
        Variable(name="title"),
        Variable(name="machine_park"),
    )


def choosing(text: str, lead_id: str) -> str:
    return render(text, Reader(person=JANE, lead_id=lead_id, step_id="intro"))


LEADS = [f"lead_{number}" for number in range(200)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{Hi|Hello} Jane", {"Hi Jane", "Hello Jane"}),
        ("{{{first_name}}|there}", {"Jane", "there"}),
        ("{Hi {{first_name|you}}|Hello}", {"Hi Jane", "Hello"}),
        ("{{a|b}|c}", {"a", "b", "c"}),
        ("{a|{b|c}}", {"a", "b", "c"}),
        ("{[first_name]|[x]}", {"Jane", "[x]"}),
        ("{a\\|b|c\\\\}", {"a|b", "c\\"}),
        ("Hi {there|}, welcome", {"Hi there, welcome", "Hi, welcome"}),
        ("{one\n\ntwo|three}", {"one\n\ntwo", "three"}),
        ("{a|b}{c|d}", {"ac", "ad", "bc", "bd"}),
        ("a | b \\| c", {"a | b \\| c"}),
    ],
)
def test_choices(text: str, expected: set[str]) -> None:
    """Choices nest, hold variables, may be empty and escape bars; every option is somebody's."""
    assert {choosing(text, lead) for lead in LEADS} == expected


def test_choices_stick() -> None:
    """A lead reads the same every time, and another step chooses anew."""
    text = "{a|b|c|d|e|f|g|h}"

    assert [choosing(text, lead) for lead in LEADS] == [choosing(text, lead) for lead in LEADS]
    assert [choosing(text, lead) for lead in LEADS] != [
        render(text, Reader(person=JANE, lead_id=lead, step_id="later")) for lead in LEADS
    ]


def test_choices_are_even() -> None:
    """Each of four options goes to a quarter of the leads, within what chance allows."""
    said = [choosing("{a|b|c|d}", f"lead_{number}") for number in range(4_000)]

    assert all(900 < said.count(option) < 1_100 for option in "abcd")


def test_only_the_chosen_option_is_missed() -> None:
    """A variable of an option that the lead does not get is not missing."""
    text = "{Hi|Hi {{nope}}}"
    missing = {rendering(text, Reader(person=JANE, lead_id=lead)).missing for lead in LEADS}

    assert missing == {(), ("nope",)}


def test_choices_are_told() -> None:
    """Which option was taken is told by the choice's number, for those that were met."""
    told = rendering("{a|{b|c}} {d|e}", Reader(person=JANE, lead_id="lead_0", step_id="s"))

    assert set(told.choices) >= {1, 3}
    assert all(taken in {1, 2} for taken in told.choices.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{sender.first_name}}", "Ada"),
        ("{{ Sender.LastName }}", "Example"),
        ("{{sender.name}} / [sender.full_name]", "Ada Example / Ada Example"),
    ],
)
def test_sender(text: str, expected: str) -> None:
    """Texts may name the account that sends, cleaned like any name."""
    sender = Sender(account_id="acct_ada", name="ADA EXAMPLE, MBA 🚀")

    assert render(text, Reader(person=JANE, sender=sender)) == expected


def test_sender_without_a_name() -> None:
    """An account whose owner is not known leaves a hole that is told, never one that is sent."""
    assert rendering("Best, {{sender.first_name}}", Reader(person=JANE)).missing == (
        "sender.first_name",
    )
    assert render("Best{{sender.first_name|}}", Reader(person=JANE)) == "Best"


def test_column_fills_an_empty_field() -> None:
    """A column named like a field stands in where the field is empty."""
    person = Person(public_identifier="x", variables={"Company": "Acme"})

    assert render("{{company}}", Reader(person=person)) == "Acme"


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
        "}",
        "|",
        "\\",
        "{a|b}",
        "{{{first_name}}|",
        "{{sender.first_name}}",
        ",",
        "a",
    ]
)
values = st.text(max_size=12)


@settings(max_examples=400)
@given(st.lists(fragments | st.text(max_size=4), max_size=10).map("".join), values, values, values)
def test_never_a_brace_on_the_wire(text: str, first: str, company: str, extra: str) -> None:
    """Lesson 22: whatever the text, the list and the account hold, no brace is ever sent."""
    person = Person(
        public_identifier="x", first_name=first, company=company, variables={"x": extra}
    )
    sender = Sender(account_id="a", name=extra)
    try:
        said = render(text, Reader(person=person, lead_id=first, sender=sender))
    except (TextInvalid, MissingVariables):
        return
    assert not set("{}") & set(said)


@given(st.text(st.characters(exclude_characters="{}[]\r"), max_size=40))
def test_text_without_variables(text: str) -> None:
    """A text without variables is sent as it is written."""
    assert render(text, Reader(person=NOBODY)) == text.strip()


@given(st.text(st.characters(codec="ascii"), max_size=20))
def test_one_name(name: str) -> None:
    """A name that has been brought to its one spelling stays so."""
    assert variable_name(variable_name(name)) == variable_name(name)


def test_values_are_single_lines() -> None:
    """Values are put into sentences, so they have no line breaks."""
    assert values_of(JANE)["pain_point"] == "late parts"
