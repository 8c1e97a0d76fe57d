"""servicekit.lists.parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit.lists.errors import FilterInvalid, FilterNotSupported
from servicekit.lists.expressions import (
    EVERYTHING,
    And,
    Expression,
    Not,
    Operator,
    Or,
    Restriction,
    restrictions,
)
from servicekit.lists.parser import DEEPEST, LONGEST, MOST_RESTRICTIONS, parse


def said(expression: Expression) -> str:
    """The tree, with every parenthesis that it means."""
    match expression:
        case Restriction(field, operator, value, quoted, _):
            return f"{field}{operator}{value!r}" if quoted else f"{field}{operator}{value}"
        case Not(holds):
            return f"!{said(holds)}"
        case And(parts):
            return f"({' & '.join(map(said, parts))})"
        case Or(parts):
            return f"({' | '.join(map(said, parts))})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("state = RUNNING", "state=RUNNING"),
        ("  state=RUNNING\n", "state=RUNNING"),
        ("a = 1 AND b = 2 OR c = 3", "(a=1 & (b=2 | c=3))"),
        ("a = 1 OR b = 2 AND c = 3", "((a=1 | b=2) & c=3)"),
        ("a = 1 b = 2 AND c = 3", "(a=1 & b=2 & c=3)"),
        ("(a = 1 AND b = 2) OR c = 3", "((a=1 & b=2) | c=3)"),
        ("NOT a = 1", "!a=1"),
        ("-a = 1 b != 2", "(!a=1 & b!=2)"),
        ("NOT (a < 1 OR a >= -2)", "!(a<1 | a>=-2)"),
        ("a : *", "a:*"),
        ('a:"*"', "a:'*'"),
        ("""a = 'it"s' b = "\\"q\\\\" """, """(a='it"s' & b='"q\\\\')"""),
        ("at > 2026-03-02T12:00:00+01:00", "at>2026-03-02T12:00:00+01:00"),
        ("a.b_c <= 1.5s", "a.b_c<=1.5s"),
        ("ANDY = ORLY", "ANDY=ORLY"),
        ("a=AND_MORE", "a=AND_MORE"),
    ],
)
def test_what_a_filter_says(text: str, tree: str) -> None:
    """OR binds more tightly than AND, as in AIP-160; side by side is together."""
    assert said(parse(text)) == tree


def test_an_empty_filter_holds_for_everything() -> None:
    """And so does one of spaces."""
    assert parse("") == parse(" \t\n") == EVERYTHING


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("state", 6),
        ("state =", 8),
        ("= 1", 1),
        ("a = 1 AND", 10),
        ("a = 1 OR OR b = 2", 10),
        ("AND a = 1", 1),
        ("(a = 1", 1),
        ("a = 1)", 6),
        ('a = "never', 5),
        ("a = AND", 5),
        ("a == 1", 4),
        ("NOT NOT a = 1", 5),
        ("()", 2),
        ('"Ada"', 1),
        ("a = b\x00", 6),
        ("(" * (DEEPEST + 1) + "a = 1", DEEPEST + 1),
        ("a" * (LONGEST + 1), LONGEST + 1),
        ("a=1 " * (MOST_RESTRICTIONS + 1), 4 * MOST_RESTRICTIONS + 1),
    ],
)
def test_what_cannot_be_read_says_where(text: str, position: int) -> None:
    """In characters from 1, as people count."""
    with pytest.raises(FilterInvalid) as refused:
        parse(text)

    assert refused.value.metadata == {"position": str(position)}
    assert [wrong.field for wrong in refused.value.violations] == ["filter"]


@pytest.mark.parametrize("text", ["regex(a, b)", "a = (1 OR 2)", "now() > 1"])
def test_what_no_list_serves_is_told_apart(text: str) -> None:
    """The grammar has it; what is wrong with it is not how it is written."""
    with pytest.raises(FilterNotSupported):
        parse(text)


NAMES = st.sampled_from(["a", "state", "b.c", "ANDY", "NOTE", "_x9"])
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


def written(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


TREES = st.recursive(
    st.builds(
        lambda name, operator, value: Restriction(name, operator, value, True, 0),
        NAMES,
        st.sampled_from(Operator),
        VALUES,
    ),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


def text_of(expression: Expression) -> str:
    match expression:
        case Restriction(field, operator, value):
            return f"{field} {operator} {written(value)}"
        case Not(holds):
            return f"NOT ({text_of(holds)})"
        case And(parts):
            return " AND ".join(f"({text_of(part)})" for part in parts)
        case Or(parts):
            return " OR ".join(f"({text_of(part)})" for part in parts)


def without_places(expression: Expression) -> Expression:
    match expression:
        case Restriction(field, operator, value, quoted):
            return Restriction(field, operator, value, quoted, 0)
        case Not(holds):
            return Not(without_places(holds))
        case And(parts):
            flat: list[Expression] = []
            for part in map(without_places, parts):
                flat += [part]
            return And(tuple(flat))
        case Or(parts):
            return Or(tuple(map(without_places, parts)))


@given(tree=TREES)
def test_a_tree_that_is_written_down_is_read_back(tree: Expression) -> None:
    """Whatever is nested in what, and whatever the values hold."""
    assert without_places(parse(text_of(tree))) == tree


@given(text=st.text("ab=!<>:()\"'\\ -ANDORT.*1", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else is raised; what is refused says where, within the text or at its end."""
    at = None
    try:
        assert len(list(restrictions(parse(text)))) <= MOST_RESTRICTIONS
    except FilterNotSupported:
        return
    except FilterInvalid as error:
        at = int(error.metadata["position"])

    assert at is None or 1 <= at <= len(text) + 1
