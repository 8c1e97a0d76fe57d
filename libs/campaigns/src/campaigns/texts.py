"""Texts with variables: what they need, and what they say to one person (pure).

`{{first_name}}`, in any case and spelling (`{{firstName}}`, `{{First Name}}`),
may name a field of the lead or any further column of the list, and may carry a
fallback: `{{first_name|there}}`. The older builder's `[first_name]` works where
the name is that of a field or a column, so that ordinary brackets survive.

A text never reaches the wire with a brace in it. A variable that the lead has no
value for and that has no fallback raises MissingVariables, all of them at once;
the caller fails the step rather than send a text with a hole in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from campaigns.models import Person
from campaigns.person_names import clean_name

_TOKEN = re.compile(r"\{\{([^{}]*)\}\}|\[([^\[\]{}\n]{1,120})\]")
_BRACES = re.compile(r"[{}]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_A_WORD = re.compile(r"[\W_]+")
_AFTER_HOLE = frozenset(" \t\n,.;:!?)")
_LONGEST_NAME = 100

_FIELD_BY_ALIAS: Mapping[str, str] = {
    alias: name
    for name, aliases in {
        "first_name": "firstname fname givenname forename first",
        "last_name": "lastname lname surname familyname last",
        "full_name": "fullname name",
        "company": "company companyname organization organisation employer currentcompany",
        "title": "title jobtitle position role job currenttitle currentposition designation",
        "email": "email emailaddress mail",
        "phone": "phone phonenumber mobile telephone",
        "location": "location",
        "industry": "industry",
    }.items()
    for alias in aliases.split()
}


class TextInvalid(ValueError):
    """The text has a brace that belongs to no variable, or a variable without a name."""


class MissingVariables(LookupError):
    """The lead has no value for variables that have no fallback."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"The lead has no value for {', '.join(names)}.")
        self.names = names


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable in a text; `fallback` is None where there is none."""

    name: str
    fallback: str | None = None


def variable_name(name: str) -> str:
    """The one spelling of a name: `Job Title`, `jobTitle` and `job-title` are `title`.

    Names that are no field of a lead come out in snake case, as the columns of a
    lead list do.
    """
    words = _NOT_A_WORD.sub("_", _CAMEL.sub("_", name.strip())).strip("_").lower()
    return _FIELD_BY_ALIAS.get(words.replace("_", ""), words)


def is_lead_field(name: str) -> bool:
    """Whether every lead has this field, whatever columns its list had."""
    return variable_name(name).replace("_", "") in _FIELD_BY_ALIAS


def variables_of(text: str) -> tuple[Variable, ...]:
    """The variables of a text, in order; TextInvalid if its braces make no sense.

    Brackets count where they name a field of the lead; whether they name a
    column is known only with a lead.
    """
    parts = _parts(text, frozenset())
    return tuple(part for part in parts if isinstance(part, Variable))


def literal_length(text: str) -> int:
    """How many characters of the text stay, whoever it is for."""
    return sum(len(part) for part in _parts(text, frozenset()) if isinstance(part, str))


def render(text: str, person: Person) -> str:
    """The text for this person, without a variable or a brace left in it."""
    values = values_of(person)
    said: list[str] = []
    missing: list[str] = []
    hole = False
    for part in _parts(text.replace("\r\n", "\n"), frozenset(values)):
        if isinstance(part, str):
            said.append(_close_hole(said, part) if hole else part)
            hole = False
            continue
        value = values.get(part.name) or part.fallback
        if value is None:
            missing.append(part.name)
        hole = not value
        said.append(value or "")
    if missing:
        raise MissingVariables(tuple(dict.fromkeys(missing)))
    if hole:
        _close_hole(said, "")
    return "".join(said).strip()


def values_of(person: Person) -> Mapping[str, str]:
    """Every variable that this person has, cleaned; blank where there is no value."""
    first, last = clean_name(person.first_name), clean_name(person.last_name)
    values = {variable_name(name): _value(value) for name, value in person.variables.items()}
    fields = {
        "first_name": first,
        "last_name": last,
        "full_name": f"{first} {last}".strip(),
        "company": _value(person.company),
        "title": _value(person.title),
        "email": _value(person.email),
        "phone": _value(person.phone),
        "location": _value(person.location),
        "industry": _value(person.industry),
    }
    return values | {name: value or values.get(name, "") for name, value in fields.items()}


def _value(value: str) -> str:
    """One line; blank if it is itself an unfilled template."""
    return "" if _BRACES.search(value) else " ".join(value.split())


def _parts(text: str, columns: frozenset[str]) -> Iterator[str | Variable]:
    """Literal pieces and variables, in order."""
    position = 0
    for token in _TOKEN.finditer(text):
        inner = token[1] if token[1] is not None else token[2]
        name, bar, fallback = inner.partition("|")
        known = variable_name(name)
        if token[1] is None and not (is_lead_field(name) or known in columns):
            continue
        if not known or len(known) > _LONGEST_NAME:
            raise TextInvalid(f"“{token[0][:60]}” does not name a variable.")
        yield from _literal(text[position : token.start()])
        yield Variable(name=known, fallback=" ".join(fallback.split()) if bar else None)
        position = token.end()
    yield from _literal(text[position:])


def _literal(text: str) -> Iterator[str]:
    brace = _BRACES.search(text)
    if brace is not None:
        around = text[max(0, brace.start() - 10) : brace.end() + 20]
        raise TextInvalid(
            f"“{around}” has a brace that is not part of a variable such as {{{{first_name}}}}."
        )
    if text:
        yield text


def _close_hole(said: list[str], following: str) -> str:
    """Leave no double space, and none before a comma, where nothing was said."""
    if following[:1] and following[0] not in _AFTER_HOLE:
        return following
    for i in range(len(said) - 1, -1, -1):
        if said[i]:
            said[i] = said[i].rstrip(" \t")
            return following
    return following.lstrip(" \t")
