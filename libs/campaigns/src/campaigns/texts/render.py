"""Texts with variables: what they need, and what they say to one person. Pure.

`template.py` has the grammar. A variable names a field of the lead or any
further column of the list, in any case and spelling (`{{firstName}}`, `{{First
Name}}`), or the account that sends (`{{sender.first_name}}`).

What a choice comes to is decided by hash alone (`assignment.py`, under the
step's id and the choice's number): the same lead reads the same in every
attempt, and no lot is drawn.

A text never reaches the wire with a brace in it. A variable that the lead has no
value for and that has no fallback is missing; the caller holds the lead back
rather than send a text with a hole in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from campaigns.models import Person
from campaigns.sequences.assignment import assigned
from campaigns.texts.blanks import is_blank, is_no_company
from campaigns.texts.names.name_order import FullName, read_name
from campaigns.texts.person_names import clean_name, names_of
from campaigns.texts.placeholders import is_unfilled
from campaigns.texts.template import Choice, Part, TextInvalid, parse, variables
from campaigns.texts.variables import Variable, is_lead_field, variable_name

__all__ = [
    "MissingVariables",
    "Reader",
    "Rendering",
    "Sender",
    "TextInvalid",
    "Variable",
    "is_lead_field",
    "render",
    "rendering",
    "values_of",
    "variable_name",
    "variables_of",
]

_AFTER_HOLE = frozenset(" \t\n,.;:!?)")


class MissingVariables(LookupError):
    """The lead has no value for variables that have no fallback."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"The lead has no value for {', '.join(names)}.")
        self.names = names


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The account that sends, as far as texts care; `pays` is None where that is not known."""

    account_id: str
    name: str = ""
    pays: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Whom a text is for: what fills its variables, and what its choices go by.

    `literal` is what in the text is confirmed to be meant as it stands (`Step.literal`).
    """

    person: Person
    lead_id: str = ""
    step_id: str = ""
    sender: Sender | None = None
    literal: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A text for one reader.

    `missing` are the variables without a value and a fallback, each once, and
    `fallen_back` those of the lead for which their fallback stands in; `choices`
    maps the number of each choice that was met to the option taken, both from 1.
    """

    text: str
    missing: tuple[str, ...] = ()
    fallen_back: tuple[str, ...] = ()
    choices: Mapping[int, int] = field(default_factory=dict)


def variables_of(text: str) -> tuple[Variable, ...]:
    """The variables of a text, in order; TextInvalid if its braces make no sense.

    Brackets count where they name a field of the lead; whether they name a
    column is known only with a lead.
    """
    return tuple(variables(parse(text)))


def render(text: str, reader: Reader) -> str:
    """The text for this reader, without a variable or a brace left in it.

    Raises MissingVariables, all of them at once, and TextInvalid as `rendering`.
    """
    said = rendering(text, reader)
    if said.missing:
        raise MissingVariables(said.missing)
    return said.text


def rendering(text: str, reader: Reader) -> Rendering:
    """The text for this reader as far as it can be said, and what is missing for it.

    `TextInvalid` where brackets that stand in a variable or a choice name a column of the list.
    """
    values = {**values_of(reader.person), **values_of_sender(reader.sender)}
    choices: dict[int, int] = {}
    said: list[str] = []
    missing: list[str] = []
    fallen_back: list[str] = []
    hole = False
    parts = parse(text.replace("\r\n", "\n"), frozenset(values), reader.literal)
    for part in _chosen(parts, reader, choices):
        if isinstance(part, str):
            said.append(_close_hole(said, part) if hole else part)
            hole = False
            continue
        own = values.get(part.name)
        value = own or part.fallback
        if value is None:
            missing.append(part.name)
        elif not own and part.name and not part.name.startswith("sender."):
            fallen_back.append(part.name)
        hole = not value
        said.append(value or "")
    if hole:
        _close_hole(said, "")
    return Rendering(
        text="".join(said).strip(),
        missing=tuple(dict.fromkeys(missing)),
        fallen_back=tuple(dict.fromkeys(fallen_back)),
        choices=choices,
    )


def values_of(person: Person) -> Mapping[str, str]:
    """Every variable that this person has, cleaned; empty where nothing is said."""
    meant = person.literal
    given = {variable_name(name): value for name, value in person.variables.items()}
    values = {name: cleaned_value(value, meant) for name, value in given.items()}
    names = names_of(person.first_name, person.last_name, literal=meant)
    others = names_of(given.get("first_name", ""), given.get("last_name", ""))
    fields = {
        "first_name": names.first or others.first,
        "last_name": names.last or others.last,
        "full_name": names.full or others.full or clean_name(given.get("full_name", "")),
        "company": _company(person.company, meant) or _company(given.get("company", ""), meant),
    }
    plain = {
        name: cleaned_value(getattr(person, name), meant) or values.get(name, "") for name in _PLAIN
    }
    return values | fields | plain


def _plain_reader(name: str) -> Callable[[Person], str]:
    return lambda one: cleaned_value(getattr(one, name), one.literal)


_PLAIN = ("title", "email", "phone", "location", "industry")
JUDGED = frozenset({"first_name", "last_name", "full_name", "company"})
"""Fields that say less than their cells: what is no name, and no company, is none."""
OWN_VALUES: Mapping[str, Callable[[Person], str]] = {
    "first_name": lambda one: names_of(one.first_name, one.last_name, literal=one.literal).first,
    "last_name": lambda one: names_of(one.first_name, one.last_name, literal=one.literal).last,
    "full_name": lambda one: names_of(one.first_name, one.last_name, literal=one.literal).full,
    "company": lambda one: _company(one.company, one.literal),
    **{name: _plain_reader(name) for name in _PLAIN},
}
"""How a person's own field fills a variable, cleaned; where it is empty a column `BEHIND` may."""
BEHIND: Mapping[str, Collection[str]] = {name: (name,) for name in _PLAIN} | {
    "company": ("company",),
    "first_name": ("first_name", "last_name"),
    "last_name": ("first_name", "last_name"),
    "full_name": ("first_name", "last_name", "full_name"),
}
"""Further columns that fill a field's variable where the field says nothing."""


def values_of_sender(sender: Sender | None) -> Mapping[str, str]:
    """What the variables of a sender come to; empty where nothing is known."""
    name = sender.name if sender else ""
    known = read_name(name) or FullName()
    return {
        "sender.first_name": known.given,
        "sender.last_name": known.family,
        "sender.full_name": f"{known.given} {known.family}".strip() or clean_name(name),
    }


def cleaned_value(value: str, meant: Collection[str]) -> str:
    """One line; empty if it says nothing or is itself an unfilled template, and is not meant so."""
    line = " ".join(value.split())
    return line if line in meant or not (is_blank(line) or is_unfilled(line)) else ""


def _company(value: str, meant: Collection[str]) -> str:
    line = cleaned_value(value, meant)
    return line if line in meant or not is_no_company(line) else ""


def _chosen(
    parts: Sequence[Part], reader: Reader, choices: dict[int, int]
) -> Iterator[str | Variable]:
    """The literals and variables that are left when every choice is made; notes what was taken."""
    for part in parts:
        if not isinstance(part, Choice):
            yield part
            continue
        taken = assigned(
            [1] * len(part.options),
            step_id=f"{reader.step_id}/choice/{part.number}",
            lead_id=reader.lead_id,
        )
        choices[part.number] = taken + 1
        # An empty option leaves a hole, as a variable does of which nothing is said.
        yield from _chosen(part.options[taken] or (_NOTHING,), reader, choices)


_NOTHING = Variable(name="", fallback="")


def _close_hole(said: list[str], following: str) -> str:
    """Leave no double space, and none before a comma, where nothing was said."""
    if following[:1] and following[0] not in _AFTER_HOLE:
        return following
    for i in range(len(said) - 1, -1, -1):
        if said[i]:
            said[i] = said[i].rstrip(" \t")
            return following
    return following.lstrip(" \t")
