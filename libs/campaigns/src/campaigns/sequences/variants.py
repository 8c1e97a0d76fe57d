"""Which version of a step's text a lead gets. Pure."""

from __future__ import annotations

from campaigns.sequences.assignment import assigned
from campaigns.sequences.sequence import Step, Variant


def variant_of(step: Step, *, lead_id: str) -> Variant | None:
    """The lead's variant, for ever the same; None where the text has no variants.

    Assigned apart from the split of the same id and from the choices within texts.
    """
    if not step.variants:
        return None
    shares = [variant.share for variant in step.variants]
    return step.variants[assigned(shares, step_id=f"{step.step_id}/variant", lead_id=lead_id)]


def text_of(step: Step, *, lead_id: str) -> str:
    """The customer's text of a step, in the lead's version."""
    variant = variant_of(step, lead_id=lead_id)
    return step.text if variant is None else variant.text


def text_key(step: Step, n: int) -> str:
    """By what the choices in the n-th text of a step are made: each post has its own."""
    return step.step_id if n == 1 else f"{step.step_id}#{n}"
