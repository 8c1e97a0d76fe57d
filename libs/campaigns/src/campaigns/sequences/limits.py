"""How long a text may be (pure). Lengths are in characters, as LinkedIn counts them."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.sequences.sequence import StepKind

LONGEST_TEXT_BY_KIND: Mapping[StepKind, int] = {
    StepKind.SEND_CONNECTION_REQUEST: 300,
    StepKind.COMMENT_POST: 1_250,
    StepKind.SEND_FOLLOWUP: 8_000,
    StepKind.SEND_INMAIL: 1_900,
}
"""What an account with any paid plan may send; by the provider's documentation."""
LONGEST_NOTE_WITHOUT_PLAN = 200


def longest_text(kind: StepKind, *, pays: bool | None) -> int:
    """The most that an account may send; `pays` is None where its plan is not known."""
    longest = LONGEST_TEXT_BY_KIND[kind]
    if kind is StepKind.SEND_CONNECTION_REQUEST and pays is False:
        return min(longest, LONGEST_NOTE_WITHOUT_PLAN)
    return longest
