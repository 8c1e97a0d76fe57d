"""Every kind of step, and what follows from what the kinds say of themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from servicekit.tables import total

from campaigns.sequences.kinds.comment import COMMENT
from campaigns.sequences.kinds.inmail import INMAIL
from campaigns.sequences.kinds.invitation import INVITATION
from campaigns.sequences.kinds.kind_rules import KindRules, TextRules
from campaigns.sequences.kinds.message import MESSAGE
from campaigns.sequences.kinds.paths import CONDITION, SPLIT, WAIT
from campaigns.sequences.kinds.reaction import REACTION
from campaigns.sequences.kinds.visit import VISIT
from campaigns.sequences.kinds.webhook import WEBHOOK
from campaigns.sequences.kinds.withdrawal import WITHDRAWAL
from campaigns.sequences.sequence import StepKind

KINDS: Final[Mapping[StepKind, KindRules]] = total(
    StepKind,
    {
        StepKind.PROFILE_VISIT: VISIT,
        StepKind.LIKE_POST: REACTION,
        StepKind.COMMENT_POST: COMMENT,
        StepKind.SEND_CONNECTION_REQUEST: INVITATION,
        StepKind.SEND_FOLLOWUP: MESSAGE,
        StepKind.SEND_INMAIL: INMAIL,
        StepKind.WITHDRAW_REQUEST: WITHDRAWAL,
        StepKind.WEBHOOK: WEBHOOK,
        StepKind.WAIT: WAIT,
        StepKind.CONDITION: CONDITION,
        StepKind.SPLIT: SPLIT,
    },
)

TEXTUAL: Final = {kind: rules.text for kind, rules in KINDS.items() if rules.text is not None}
"""The kinds that say something, with the rules of their texts."""

CONTACTS: Final = tuple(kind for kind, rules in KINDS.items() if rules.action is not None)
"""The kinds by which an account has to do with a person."""

KIND_BY_NAME: Final[Mapping[str, StepKind]] = {
    **{kind.value: kind for kind in StepKind},
    **{name: kind for kind, rules in KINDS.items() for name in rules.older_names},
}
"""The kinds by every name that a drawing may have for them."""


def text_rules(kind: StepKind) -> TextRules:
    """The rules of what such a step says; KeyError for a kind that says nothing."""
    return TEXTUAL[kind]


def longest_text(kind: StepKind, *, pays: bool | None) -> int:
    """The most that an account may send; `pays` is None where its plan is not known."""
    rules = text_rules(kind)
    if pays is False and rules.longest_without_plan is not None:
        return min(rules.longest, rules.longest_without_plan)
    return rules.longest
