"""Which settings each kind of step heeds, so that no other is ignored in silence (pure).

The builder keeps the settings of all its nodes in one flat bag and copies
defaults into nodes that have no use for them. A setting is therefore worth a
word only where a person chose it: where its value is not one that a builder
writes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campaigns.builder.settings import Settings
from campaigns.sequences.sequence import StepKind

_IGNORED = "SETTING_IGNORED"
_NO_USE = "A node of this type has no use for it; it changes nothing."


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_POSTS = _names("numberOfPosts postCount recentPostDays recentPostWithin")
_SWITCH = _names("configureWithAI useAI")
_LENGTHS = _names("commentLength messageLength length")
_TEXTS = _names("customMessage message variants experiment")
_AI = _names("tone language customGuidelines allowLinks")
_GROUNDS = _names("engageWithRecentActivity mentionPost messagePurpose purpose")
_STYLE = _names("formality approach focus intention callToAction personalization")
_MESSAGE = _TEXTS | _SWITCH | _LENGTHS | _AI | _GROUNDS | _names("smartFollowups isFollowUp")

AI_SETTINGS = _LENGTHS | _AI | _GROUNDS | _STYLE | {"commentTone"}
"""Settings that tell the writer how to write."""

HEEDED: Mapping[StepKind, frozenset[str]] = {
    StepKind.PROFILE_VISIT: frozenset(),
    StepKind.LIKE_POST: _POSTS,
    StepKind.COMMENT_POST: _POSTS
    | _TEXTS
    | _SWITCH
    | _LENGTHS
    | _AI
    | {"customComment", "commentTone"},
    StepKind.SEND_CONNECTION_REQUEST: _TEXTS | _SWITCH | _AI | _GROUNDS | _STYLE,
    StepKind.SEND_FOLLOWUP: _MESSAGE,
    StepKind.SEND_INMAIL: _MESSAGE,
    StepKind.WITHDRAW_REQUEST: frozenset(),
    StepKind.WEBHOOK: _names("webhookId integrationId targetUrl typeId integrationName timeDelay"),
    StepKind.WAIT: _names("delay unit"),
    StepKind.CONDITION: _names("condition variable value recentPostDays recentPostWithin"),
    StepKind.SPLIT: frozenset(),
}
_OFFERED = frozenset().union(*HEEDED.values()) | {"aiWritingAssistant"}
"""Every setting that a builder offers somewhere."""

_UNCHOSEN: Mapping[str, frozenset[str]] = {
    **{name: _names("1") for name in ("numberOfPosts", "postCount")},
    **{name: _names("7 15") for name in ("recentPostDays", "recentPostWithin")},
    **{name: _names("medium") for name in _LENGTHS},
    "tone": _names("professional moderate friendly warm casual"),
    "commentTone": _names("agreeable professional"),
    "language": _names("english"),
    "formality": _names("approachable casual"),
    "approach": _names("diplomatic direct"),
    "focus": _names("relational business"),
    "intention": _names("networking"),
    "callToAction": _names("confident subtle"),
    "personalization": _names("specific"),
    "purpose": _names("networking"),
    "isFollowUp": _names("true"),
    "typeId": _names("webhook"),
}
"""What a builder of either generation writes without being asked."""
_OFF = _names("false 0")


def warn_ignored(kind: StepKind, settings: Settings) -> None:
    """Warn of every chosen setting that a step of this kind does not heed."""
    for name in sorted(settings.values.keys() - HEEDED[kind]):
        if name not in _OFFERED and name != "config":
            settings.warn(name, _IGNORED, "The builder has no such setting; it changes nothing.")
        elif name in _OFFERED and _is_chosen(name, settings.values[name]):
            settings.warn(
                name, _IGNORED, "A node of this type has no use for it; it changes nothing."
            )


def warn_unwritten(kind: StepKind, settings: Settings, switch: str) -> None:
    """Warn of how a text was to be written that nobody is asked to write."""
    chosen = [
        name
        for name in sorted(AI_SETTINGS & HEEDED[kind])
        if _is_chosen(name, settings.values.get(name))
    ]
    if chosen:
        settings.warn(
            switch,
            _IGNORED,
            f"The text is not written by AI, so {', '.join(chosen)} will change nothing.",
        )


def _is_chosen(name: str, value: Any) -> bool:
    """Whether a person set this, as far as can be told."""
    if value is None or isinstance(value, list | dict):
        return value is not None and name != "timeDelay"
    word = str(value).partition("(")[0].strip().lower()
    return bool(word) and word not in _OFF and word not in _UNCHOSEN.get(name, frozenset())
