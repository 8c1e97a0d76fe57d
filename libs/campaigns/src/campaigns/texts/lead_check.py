"""Whether every text of a sequence can be said to a lead, before anybody is contacted. Pure.

Texts of the customer are checked as the lead would get them: with its choices and
variants made, with the name of whichever account may come to send, and by what
the plans of those accounts take. Texts that AI writes are checked when they are
written.

Who has a value for every variable, and values so short that no text becomes too long with them,
passes whatever is chosen. That is nearly everybody, and is known without a text being said to them:
what the texts ask for is compiled once, by a list's columns (`_certainty`). Everybody else gets
every text said to them. For four texts that is 5 µs a lead instead of 75.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import mul
from typing import TypeAlias

from campaigns.models import HeldBack, Person
from campaigns.sequences.kinds.registry import longest_text, text_rules
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.sequences.sequence import Step
from campaigns.sequences.variants import text_key, text_of
from campaigns.texts.lengths import TextBound, bound_of, length
from campaigns.texts.names.left_alone import held_in_peace
from campaigns.texts.render import (
    BEHIND,
    OWN_VALUES,
    Reader,
    Rendering,
    Sender,
    TextInvalid,
    cleaned_value,
    rendering,
    values_of_sender,
    variables_of,
)
from campaigns.texts.template import parse, variables
from campaigns.texts.variables import variable_name

Check: TypeAlias = Callable[[str, Person], HeldBack | None]
"""From a lead's id and its person to why it is held back."""
Fallbacks: TypeAlias = Callable[[str, Person], Collection[str]]
"""From a lead's id and its person to the variables for which their fallbacks will stand in."""
_Passes: TypeAlias = Callable[[Person], bool]
_MOST_LISTS = 64
"""Lists of other columns for which texts are kept compiled."""

VARIABLE_MISSING = "VARIABLE_MISSING"
TEXT_MISSING = "TEXT_MISSING"
MESSAGE_TOO_LONG = "MESSAGE_TOO_LONG"


def reader_of(step: Step, n: int, person: Person, *, lead_id: str, sender: Sender | None) -> Reader:
    """Whom the nth text of a step is for; whoever judges or says it asks here."""
    return Reader(
        person=person,
        lead_id=lead_id,
        step_id=text_key(step, n),
        sender=sender,
        literal=step.literal,
    )


def nobody_held_back(_lead_id: str, _person: Person) -> HeldBack | None:
    """The check that every lead passes."""
    return None


def lead_check(sequence: StepSequence, senders: Sequence[Sender]) -> Check:
    """The check of a sequence that one of these accounts will send.

    Whoever asks for peace is held back first, by a list of before as well.
    """
    texts = _step_texts(sequence, senders)
    passes_by_columns: dict[tuple[str, ...], _Passes] = {}

    def check(lead_id: str, person: Person) -> HeldBack | None:
        columns = tuple(person.variables)
        passes = passes_by_columns.get(columns)
        if passes is None:
            if len(passes_by_columns) == _MOST_LISTS:
                passes_by_columns.clear()
            passes = passes_by_columns[columns] = _certainty(texts, columns)
        asked = held_in_peace(person)
        return asked if asked or passes(person) else _held(texts, lead_id, person)

    return check


def said_check(sequence: StepSequence, senders: Sequence[Sender]) -> Check:
    """The same with every text said to every lead, slower."""
    return partial(_held, _step_texts(sequence, senders))


def fallback_check(sequence: StepSequence, senders: Sequence[Sender]) -> Fallbacks:
    """What stands in for values that a lead does not have, in what it would be told.

    Who has a value for everything that has a fallback is known without a text being said to them.
    """
    texts = _step_texts(sequence, senders)
    passes_by_columns: dict[tuple[str, ...], _Passes] = {}

    def fallbacks(lead_id: str, person: Person) -> Collection[str]:
        columns = tuple(person.variables)
        if columns not in passes_by_columns:
            if len(passes_by_columns) == _MOST_LISTS:
                passes_by_columns.clear()
            passes_by_columns[columns] = _has_its_own(texts, columns)
        return () if passes_by_columns[columns](person) else _fallen_back(texts, lead_id, person)

    return fallbacks


def _has_its_own(texts: Sequence[_StepText], columns: Sequence[str]) -> _Passes:
    """Whether somebody of a list with these further columns needs no fallback for certain."""
    column_by_name = {variable_name(column): column for column in columns}
    try:
        parts = [
            parse(text, frozenset(column_by_name), each.step.literal)
            for each in texts
            for text in _texts(each.step)
        ]
    except TextInvalid:
        return _nobody
    names = {each.name for one in parts for each in variables(one) if each.fallback is not None}
    own = (name for name in sorted(names) if not name.startswith("sender."))
    read = [_value_reader(name, column_by_name) for name in own]
    return lambda person: all(value(person) for value in read)


def _fallen_back(texts: Sequence[_StepText], lead_id: str, person: Person) -> Collection[str]:
    told: dict[str, None] = {}
    for each in texts:
        text = text_of(each.step, lead_id=lead_id)
        for n in range(1, each.step.posts + 1):
            reader = reader_of(each.step, n, person, lead_id=lead_id, sender=None)
            try:
                told |= dict.fromkeys(rendering(text, reader).fallen_back)
            except TextInvalid:
                # Held back, and said by nobody.
                continue
    return tuple(told)


@dataclass(frozen=True, kw_only=True)
class _StepText:
    """A step with a text, from whom it is said, and how long it may be."""

    step: Step
    senders: tuple[Sender | None, ...]
    longest: int


def _step_texts(sequence: StepSequence, senders: Sequence[Sender]) -> tuple[_StepText, ...]:
    pays = min((sender.pays for sender in senders if sender.pays is not None), default=None)
    return tuple(
        _StepText(
            step=step,
            senders=tuple(_worst_senders(step, senders)),
            longest=longest_text(step.kind, pays=pays),
        )
        for step in sequence.steps
        if step.ai is None and _texts(step)
    )


def _held(texts: Sequence[_StepText], lead_id: str, person: Person) -> HeldBack | None:
    asked = held_in_peace(person)
    if asked is not None:
        return asked
    held = (_held_by(text, sender, person, lead_id) for text in texts for sender in text.senders)
    return next((each for each in held if each is not None), None)


def _certainty(texts: Sequence[_StepText], columns: Sequence[str]) -> _Passes:
    """Whether somebody passes for certain, of a list with these further columns."""
    column_by_name = {variable_name(column): column for column in columns}
    try:
        bounds = [
            (_bound(text.step, sender, frozenset(column_by_name)), text)
            for text in texts
            for sender in text.senders
        ]
    except TextInvalid:
        return _nobody
    if not all(each.says_something or text_rules(text.step.kind).optional for each, text in bounds):
        return _nobody
    names = sorted({name for bound, _ in bounds for name in bound.times})
    needed = {name for bound, _ in bounds for name in bound.needed}
    values = [(_value_reader(name, column_by_name), name in needed) for name in names]
    rooms = [
        (text.longest - bound.units, [bound.times[name] for name in names])
        for bound, text in bounds
    ]

    def passes(person: Person) -> bool:
        units = []
        for read, is_needed in values:
            value = read(person)
            if value is None or (is_needed and not value):
                return False
            units.append(length(value))
        return all(sum(map(mul, times, units)) <= room for room, times in rooms)

    return passes


def _nobody(_person: Person) -> bool:
    return False


def _value_reader(name: str, column_by_name: Mapping[str, str]) -> Callable[[Person], str | None]:
    """How a value is read; None comes of it where a further column may have it instead."""
    own = OWN_VALUES.get(name)
    if own is None:
        column = column_by_name.get(name)
        if column is None:
            return lambda _: ""
        return lambda one: cleaned_value(one.variables[column], one.literal)
    if column_by_name.keys().isdisjoint(BEHIND[name]):
        return own
    return lambda one: own(one) or None


def _bound(step: Step, sender: Sender | None, columns: frozenset[str]) -> TextBound:
    """What is certain of a step's text, whichever variant somebody gets."""
    known = values_of_sender(sender)
    texts = [each.text for each in step.variants] or [step.text]
    bounds = (bound_of(text, columns, known, literal=step.literal) for text in texts)
    return reduce(TextBound.or_, bounds)


def _texts(step: Step) -> tuple[str, ...]:
    return tuple(text for text in (step.text, *(each.text for each in step.variants)) if text)


def _worst_senders(step: Step, senders: Sequence[Sender]) -> Iterator[Sender | None]:
    """Those with whom something is missing or the text is longest; one where it is all the same."""
    texts = _texts(step)
    named = any(
        variable.name.startswith("sender.") for text in texts for variable in variables_of(text)
    )
    if not named or not senders:
        yield None
        return
    yield max(senders, key=lambda sender: len(sender.name))
    nameless = next((sender for sender in senders if not sender.name), None)
    if nameless is not None:
        yield nameless


def _held_by(
    text: _StepText, sender: Sender | None, person: Person, lead_id: str
) -> HeldBack | None:
    step = text.step
    for n in range(1, step.posts + 1):
        reader = reader_of(step, n, person, lead_id=lead_id, sender=sender)
        try:
            said = rendering(text_of(step, lead_id=lead_id), reader)
        except TextInvalid as error:
            return HeldBack(reason=VARIABLE_MISSING, detail=str(error))
        held = _problem(step, said, text.longest)
        if held is not None:
            return held
    return None


def _problem(step: Step, said: Rendering, longest: int) -> HeldBack | None:
    name = step.label or step.step_id
    if said.missing:
        return HeldBack(
            reason=VARIABLE_MISSING,
            detail=f"The text of “{name}” needs {', '.join(said.missing)}, and there is no value.",
        )
    if not said.text and not text_rules(step.kind).optional:
        return HeldBack(
            reason=TEXT_MISSING, detail=f"The text of “{name}” comes to nothing for this lead."
        )
    if length(said.text) > longest:
        return HeldBack(
            reason=MESSAGE_TOO_LONG,
            detail=f"The text of “{name}” has {length(said.text):,} characters for this lead;"
            f" {longest:,} are allowed.",
        )
    return None
