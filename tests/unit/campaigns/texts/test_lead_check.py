"""Which leads are held back before anybody is contacted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from campaigns.models import HeldBack, Person
from campaigns.sequences.sequence import AiOptions, Sequence, Step, StepKind, Variant
from campaigns.sequences.variants import text_key, text_of
from campaigns.texts.lead_check import lead_check, said_check
from campaigns.texts.render import MissingVariables, Reader, Sender, render
from hypothesis import given
from hypothesis import strategies as st

PAYS = Sender(account_id="acct_ada", name="Ada Example", pays=True)
FREE = Sender(account_id="acct_bo", name="Bo Example-Longname", pays=False)
NAMELESS = Sender(account_id="acct_x", pays=True)
JANE = Person(public_identifier="jane", first_name="Jane", company="Acme")


def step(text: str, kind: StepKind = StepKind.SEND_FOLLOWUP, **more: object) -> Step:
    return Step(step_id="s1", index=0, kind=kind, label="Intro", text=text, **more)  # type: ignore[arg-type]


def held(one: Step, *senders: Sender, person: Person = JANE) -> HeldBack | None:
    return lead_check(Sequence(steps=(one,)), senders)("lead_1", person)


def test_a_variable_is_missing() -> None:
    """The reason, and a sentence that names the step and what it needs."""
    assert held(step("Hi {{first_name}}, {{email}} {{nope}}"), PAYS) == HeldBack(
        reason="VARIABLE_MISSING",
        detail="The text of “Intro” needs email, nope, and there is no value.",
    )


@pytest.mark.parametrize("text", ["Hi {{first_name}}", "Hi {{nope|there}}", "Hi [x]", ""])
def test_nothing_is_missing(text: str) -> None:
    """A value or a fallback for everything lets the lead pass."""
    assert held(step(text), PAYS) is None


NOTE = StepKind.SEND_CONNECTION_REQUEST


@pytest.mark.parametrize(
    "text", ["{{email|}}", "{{email|}} {{phone|}}", "{{ email | default: '' }}"]
)
def test_nothing_is_left_of_the_text(text: str) -> None:
    """Nobody can be sent an empty message; an invitation goes without its note."""
    assert held(step(text), PAYS) == HeldBack(
        reason="TEXT_MISSING", detail="The text of “Intro” comes to nothing for this lead."
    )
    assert held(step(text, NOTE), PAYS) is None


@pytest.mark.parametrize(
    ("senders", "longest"),
    [((PAYS,), 300), ((FREE,), 200), ((PAYS, FREE), 200), ((), 300)],
    ids=["paid", "free", "mixed", "unknown"],
)
def test_notes_by_plan(senders: tuple[Sender, ...], longest: int) -> None:
    """A note must fit every account that may come to send it; an unknown plan is no reason."""
    assert held(step("x" * longest, NOTE), *senders) is None

    found = held(step("x" * (longest + 1), NOTE), *senders)

    assert found is not None
    assert found.reason == "MESSAGE_TOO_LONG"
    assert f"{longest} are allowed" in found.detail


def test_lengths_count_what_is_said() -> None:
    """A text that fits as a template may be too long with this lead's values."""
    text = "x" * 180 + " {{company}}"

    assert held(step(text, NOTE), FREE) is None
    assert held(step(text, NOTE), FREE, person=Person(public_identifier="y", company="y" * 30))


def test_the_longest_name_counts() -> None:
    """Whichever account comes to send, the note with its name fits."""
    fits_ada = "x" * 188 + " {{sender.first_name}} {{sender.last_name}}"

    assert held(step(fits_ada, NOTE), FREE)
    assert held(step(fits_ada, NOTE), Sender(account_id="a", name="Ada Ex", pays=False)) is None


def test_an_account_without_a_name() -> None:
    """One account whose owner is not known holds back what would name it."""
    found = held(step("Best, {{sender.first_name}}"), PAYS, NAMELESS)

    assert found is not None
    assert "sender.first_name" in found.detail
    assert held(step("Best, {{sender.first_name|us}}"), PAYS, NAMELESS) is None


def test_ai_is_judged_when_it_writes() -> None:
    """A manual text that only stands in for the writer holds nobody back."""
    assert held(step("Hi {{nope}}", ai=AiOptions()), PAYS) is None


def test_only_the_leads_own_variant() -> None:
    """A lead is judged by the variant and the options that it gets."""
    variants = (Variant(name="a", text="Hi"), Variant(name="b", text="Hi {{nope}}"))
    check = lead_check(Sequence(steps=(step("Hi", variants=variants),)), (PAYS,))

    judged = {check(f"lead_{number}", JANE) is None for number in range(50)}

    assert judged == {True, False}


names = st.sampled_from(["", "Jane", "🚀", "J, MBA"])
texts = st.lists(
    st.sampled_from(["{{first_name}}", "{a|{{nope}}}", "{{x|y}}", "[company]", " hi ", "{b|c}"]),
    max_size=4,
).map("".join)


@given(texts, texts, names, st.text("abc", min_size=1, max_size=3), st.integers(1, 3))
def test_who_passes_can_be_written_to(
    text: str, other: str, name: str, lead_id: str, posts: int
) -> None:
    """Whoever is not held back gets every text of the step, none empty or with a hole."""
    one = step(
        text,
        StepKind.COMMENT_POST,
        posts=posts,
        variants=(Variant(name="a", text=text), Variant(name="b", text=other)),
    )
    person = Person(public_identifier="p", first_name=name)
    passes = lead_check(Sequence(steps=(one,)), (PAYS,))(lead_id, person) is None

    try:
        said = [
            render(
                text_of(one, lead_id=lead_id),
                Reader(person=person, lead_id=lead_id, step_id=text_key(one, n), sender=PAYS),
            )
            for n in range(1, posts + 1)
        ]
    except MissingVariables:
        assert not passes
    else:
        # A step that has no text at all is refused where it is drawn.
        assert passes == (all(said) or not (text or other))


cells = st.sampled_from(
    ["", "Jane", "Dr.", "null", "{x}", "Freelance", "Ärger & Söhne", "a" * 60, "🚀" * 9]
)
columns = st.dictionaries(
    st.sampled_from(["x", "first name", "firstName", "lastName", "full_name", "Company", "e-mail"]),
    cells,
    max_size=3,
)
long_texts = st.lists(
    st.sampled_from(
        [
            *("{{first_name}}", "{{full_name|you}}", "{{company}}", "[x]", "{{x|}}", "{{email}}"),
            *("{a|{{last_name|}}}", "{|{{x}} }", " ", "hi", "b" * 97, "{{sender.first_name}}"),
            *("{{sender.full_name|us}}", "\r\n", "[company|there]"),
        ]
    ),
    max_size=6,
).map("".join)


@given(
    st.tuples(long_texts, long_texts, long_texts),
    st.lists(st.sampled_from([PAYS, FREE, NAMELESS]), max_size=2),
    st.lists(
        st.builds(
            Person,
            public_identifier=st.just("p"),
            first_name=cells,
            last_name=cells,
            company=cells,
            email=cells,
            variables=columns,
            literal=st.sampled_from([(), ("null", "Freelance")]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_who_passes_for_certain_passes(
    drawn: tuple[str, str, str], senders: list[Sender], people: list[Person]
) -> None:
    """What is compiled for a list answers as saying every text to every lead does."""
    note, message, other = drawn
    variants = (Variant(name="a", text=message), Variant(name="b", text=other))
    sequence = Sequence(
        steps=(step(note, NOTE), step("", variants=variants), step(other, StepKind.COMMENT_POST))
    )
    check, said = lead_check(sequence, senders), said_check(sequence, senders)

    for number, person in enumerate(people):
        assert check(f"lead_{number}", person) == said(f"lead_{number}", person)


@pytest.mark.parametrize(
    "asked",
    [
        {"first_name": "Jane (do not contact)"},
        {"first_name": "Not", "last_name": "Interested"},
        *({"variables": each} for each in ({"do_not_contact": "Yes"}, {"dnc": "x"})),
        *({"variables": each} for each in ({"status": "DNC"}, {"note": "Do not contact her"})),
    ],
)
def test_who_asks_for_peace_is_held_back(asked: dict[str, Any]) -> None:
    """A lead of before went on to be contacted: only rows of files were judged."""
    person = replace(JANE, **asked)
    said = next(iter(asked.get("variables", asked).values()))
    whole = "Not Interested" if said == "Not" else said

    for check in (lead_check, said_check):
        found = check(Sequence(steps=(step("Hello"),)), ())("lead_1", person)
        meant = check(Sequence(steps=(step("Hello"),)), ())(
            "lead_1", replace(person, literal=(whole,))
        )

        assert found is not None
        assert (found.reason, meant) == ("DO_NOT_CONTACT", None)


@pytest.mark.parametrize(
    "variables",
    [{"do_not_contact": "no", "status": "No contact"}, {"firma": "Never Use", "dnc": "-"}],
)
def test_who_does_not_ask_is_not(variables: dict[str, str]) -> None:
    """A no, how far somebody is, and what a company is called ask nothing."""
    person = replace(JANE, company="Never Use", variables=variables)

    assert held(step("Hello"), person=person) is None
