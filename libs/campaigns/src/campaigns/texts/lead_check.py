"""Whether every text of a sequence can be said to a lead, before anybody is contacted. Pure.

Texts of the customer are checked as the lead would get them: with its choices and
variants made, with the name of whichever account may come to send, and by what
the plans of those accounts take. Texts that AI writes are checked when they are
written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from campaigns.models import HeldBack, Person
from campaigns.sequences.kinds.registry import longest_text, text_rules
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.sequences.sequence import Step
from campaigns.sequences.variants import text_key, text_of
from campaigns.texts.lengths import length
from campaigns.texts.render import Reader, Rendering, Sender, rendering, variables_of

Check: TypeAlias = Callable[[str, Person], HeldBack | None]
"""From a lead's id and its person to why it is held back."""

VARIABLE_MISSING = "VARIABLE_MISSING"
TEXT_MISSING = "TEXT_MISSING"
MESSAGE_TOO_LONG = "MESSAGE_TOO_LONG"


def nobody_held_back(_lead_id: str, _person: Person) -> HeldBack | None:
    """The check that every lead passes."""
    return None


def lead_check(sequence: StepSequence, senders: Sequence[Sender]) -> Check:
    """The check of a sequence that one of these accounts will send."""
    steps = tuple(step for step in sequence.steps if step.ai is None and _texts(step))
    worst = {step.step_id: tuple(_worst_senders(step, senders)) for step in steps}
    pays = min((sender.pays for sender in senders if sender.pays is not None), default=None)

    def check(lead_id: str, person: Person) -> HeldBack | None:
        for step in steps:
            for sender in worst[step.step_id]:
                held = _held_by(step, person, lead_id, sender, pays=pays)
                if held is not None:
                    return held
        return None

    return check


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
    step: Step, person: Person, lead_id: str, sender: Sender | None, *, pays: bool | None
) -> HeldBack | None:
    longest = longest_text(step.kind, pays=pays)
    for n in range(1, step.posts + 1):
        reader = Reader(person=person, lead_id=lead_id, step_id=text_key(step, n), sender=sender)
        said = rendering(text_of(step, lead_id=lead_id), reader)
        held = _problem(step, said, longest)
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
