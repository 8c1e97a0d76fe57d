"""Which settings each kind of step heeds, so that no other is ignored in silence. Pure.

The builder keeps the settings of all its nodes in one flat bag and copies
defaults into nodes that have no use for them. A setting is therefore worth a
word only where a person chose it: where its value is not one that a builder
writes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campaigns.builder.settings import Settings
from campaigns.sequences.kinds.kind_rules import AI, GROUNDS, LENGTHS, STYLE, names
from campaigns.sequences.kinds.registry import KINDS
from campaigns.sequences.sequence import StepKind

_IGNORED = "SETTING_IGNORED"
_NO_USE = "A node of this type has no use for it; it changes nothing."


AI_SETTINGS = LENGTHS | AI | GROUNDS | STYLE | {"commentTone"}
"""Settings that say to the writer how to write."""

_OFFERED = frozenset().union(*(rules.settings for rules in KINDS.values())) | {"aiWritingAssistant"}
"""Every setting that a builder offers somewhere."""

_UNCHOSEN: Mapping[str, frozenset[str]] = {
    **{name: names("1") for name in ("numberOfPosts", "postCount")},
    **{name: names("7 15") for name in ("recentPostDays", "recentPostWithin")},
    **{name: names("medium") for name in LENGTHS},
    "tone": names("professional moderate friendly warm casual"),
    "commentTone": names("agreeable professional"),
    "language": names("english"),
    "formality": names("approachable casual"),
    "approach": names("diplomatic direct"),
    "focus": names("relational business"),
    "intention": names("networking"),
    "callToAction": names("confident subtle"),
    "personalization": names("specific"),
    "purpose": names("networking"),
    "isFollowUp": names("true"),
    "typeId": names("webhook"),
}
"""What a builder of either generation writes without being asked."""
_OFF = names("false 0")


def warn_ignored(kind: StepKind, settings: Settings) -> None:
    """Warn of every chosen setting that a step of this kind does not heed."""
    for name in sorted(settings.values.keys() - KINDS[kind].settings):
        if name not in _OFFERED and name != "config":
            settings.warn(name, _IGNORED, "The builder has no such setting; it changes nothing.")
        elif name in _OFFERED and _is_chosen(name, settings.values[name]):
            settings.warn(name, _IGNORED, _NO_USE)


def warn_unwritten(kind: StepKind, settings: Settings, switch: str) -> None:
    """Warn of how a text was to be written that nobody is asked to write."""
    chosen = [
        name
        for name in sorted(AI_SETTINGS & KINDS[kind].settings)
        if _is_chosen(name, settings.values.get(name))
    ]
    if chosen:
        settings.warn(
            switch,
            _IGNORED,
            f"The text is not written by AI, so {', '.join(chosen)} will change nothing.",
        )


def _is_chosen(name: str, value: Any) -> bool:
    """Whether a person set this, as far as can be known."""
    if value is None or isinstance(value, list | dict):
        return value is not None and name != "timeDelay"
    word = str(value).partition("(")[0].strip().lower()
    return bool(word) and word not in _OFF and word not in _UNCHOSEN.get(name, frozenset())
