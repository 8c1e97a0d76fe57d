"""The settings of our own nodes: wait, condition, split. Pure.

`docs/sequences.md` describes them for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from string import ascii_uppercase

from campaigns.builder.delay import DelayInvalid, delay_of, parse_delay
from campaigns.builder.settings import Settings
from campaigns.sequences.sequence import Condition, Question
from campaigns.texts.render import variable_name

REPLY_ENDS_SEQUENCE = "REPLY_ENDS_SEQUENCE"
"""The warning that is void where a campaign goes on after replies."""
_REPLY_ENDS_SEQUENCE = (
    "Unless the campaign goes on after replies, a reply ends the sequence before this is asked,"
    " and the answer is always no."
)
_LONGEST_NAME = 60
_LONGEST_VALUE = 1_000
_QUESTIONS = frozenset(question.value for question in Question)
_HUNDRED_PERCENT = 100_00
"""Shares are hundredths of a percent."""
_SPLIT_INVALID = "SPLIT_INVALID"


def read_wait(settings: Settings) -> timedelta:
    """How long a wait lasts: `{"delay": 3, "unit": "d"}`, or `{"delay": "3d"}`."""
    amount, unit = settings.values.get("delay"), settings.values.get("unit")
    if not settings.has("delay"):
        settings.refuse("delay", "FIELD_REQUIRED", "The node does not say how long to wait.")
        return timedelta()
    try:
        return parse_delay(amount) if unit is None else delay_of(amount, unit)
    except DelayInvalid as error:
        settings.refuse("delay", "DELAY_INVALID", str(error))
        return timedelta()


def read_condition(settings: Settings) -> Condition | None:
    """What a condition asks; None if that was refused."""
    if not settings.has("condition"):
        settings.refuse("condition", "FIELD_REQUIRED", "The node does not say what it asks.")
        return None
    asked = settings.choice("condition", default="", among=_QUESTIONS)
    if not asked:
        return None
    question = Question(asked)
    if question is not Question.HAS_POSTS and settings.has("recentPostDays", "recentPostWithin"):
        name = settings.name("recentPostDays", "recentPostWithin")
        settings.warn(name, "SETTING_IGNORED", "Only `has_posts` has a use for it.")
    if question is Question.VARIABLE_EQUALS:
        return _comparison(settings)
    for name in ("variable", "value"):
        if settings.has(name):
            settings.warn(name, "SETTING_IGNORED", "Only `variable_equals` has a use for it.")
    if question is Question.REPLIED:
        settings.warn("condition", REPLY_ENDS_SEQUENCE, _REPLY_ENDS_SEQUENCE)
    return Condition(question=question)


def _comparison(settings: Settings) -> Condition | None:
    for name in ("variable", "value"):
        if not settings.has(name):
            settings.refuse(name, "FIELD_REQUIRED", "This is compared, so it must be there.")
    variable = settings.text("variable", longest=_LONGEST_NAME).strip("{} ")
    value = settings.values.get("value")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    else:
        value = settings.text("value", longest=_LONGEST_VALUE)
    name = variable_name(variable)
    if variable and not name:
        settings.refuse("variable", "VARIABLE_UNKNOWN", "This does not name a variable.")
    return Condition(question=Question.VARIABLE_EQUALS, variable=name, value=value)


@dataclass(frozen=True, kw_only=True)
class ShareOfLeads:
    """The part of the leads that an edge of a split asks for, as far as it says."""

    settings: Settings
    name: str = ""
    percentage: Decimal | None = None
    share: int = 1


def read_share(settings: Settings) -> ShareOfLeads:
    """What an edge that leaves a split says of its share."""
    return ShareOfLeads(
        settings=settings,
        name=settings.text("variant", longest=_LONGEST_NAME),
        percentage=settings.number("percentage"),
    )


def shared_out(node: Settings, asked: Sequence[ShareOfLeads]) -> list[ShareOfLeads]:
    """The shares of a split with their names; without any percentage they are equal."""
    least, most = 2, len(ascii_uppercase)
    if not least <= len(asked) <= most:
        node.refuse("type", _SPLIT_INVALID, f"A split has {least} to {most} edges that leave it.")
        return list(asked)
    shares = _weighed(node, asked)
    free = iter(name for name in ascii_uppercase if name not in {each.name for each in asked})
    named = [each if each.name else replace(each, name=next(free)) for each in shares]
    seen: set[str] = set()
    for each in named:
        if each.name in seen:
            each.settings.refuse("variant", _SPLIT_INVALID, "Another edge has this name too.")
        seen.add(each.name)
    return named


def _weighed(node: Settings, asked: Sequence[ShareOfLeads]) -> list[ShareOfLeads]:
    if not any(each.settings.has("percentage") for each in asked):
        return list(asked)
    shares = [replace(each, share=_hundredths(each)) for each in asked]
    if all(each.share for each in shares) and sum(e.share for e in shares) != _HUNDRED_PERCENT:
        total = sum((each.percentage or Decimal() for each in asked), Decimal())
        node.refuse("type", _SPLIT_INVALID, f"The percentages are {total:f} together, not 100.")
    return shares


def _hundredths(asked: ShareOfLeads) -> int:
    """The percentage in hundredths; 0 if it was refused."""
    if not asked.settings.has("percentage"):
        asked.settings.refuse(
            "percentage", _SPLIT_INVALID, "Either every edge of a split has a percentage, or none."
        )
        return 0
    percentage = asked.percentage
    if percentage is None:
        return 0
    if not 0 < percentage <= 100 or percentage * 100 % 1:  # noqa: PLR2004  percent
        asked.settings.refuse(
            "percentage",
            _SPLIT_INVALID,
            "A percentage is more than 0, at most 100, and has two decimals at most.",
        )
        return 0
    return int(percentage * 100)
