"""Whom people who choose like to hear from, and what: a hidden truth, drawn from the seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from unipile_simulator.config import TasteKind
from unipile_simulator.dice import Dice
from unipile_simulator.people.people import Person
from unipile_simulator.people.temperament import INTERESTED, NOT_NOW, POLITE, REFUSING, STOP
from unipile_simulator.people.workplaces import INDUSTRIES, industry

_LEAST, _MOST = 0.02, 0.95
_LATER_MESSAGES = 0.6
"""Each further message is answered so much less often than the one before."""
_SATURDAY = 5
_MORNING = range(7, 11)
_LONG = 200
_WORDS_SHOUTED = 2

_RANKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("vice_president", r"\b(vp|svp|evp|vice.president)\b"),
        ("executive", r"\b(chief|c[etofmprdsi]o|founder|owner|president|partner)\b"),
        ("director", r"\b(director|head)\b"),
        ("manager", r"\b(manager|lead|principal)\b"),
    )
)
_HUMAN_RESOURCES = re.compile(
    r"\b(hr|human resources|recruit\w*|talent|people (ops|operations|partner))\b", re.IGNORECASE
)
_SHOUTED = re.compile(r"\b[^\W\d_]{4,}\b")

_ACCEPTANCE: Mapping[str, tuple[float, float]] = {
    "base": (0.24, 0.34),
    "rank:executive": (0.12, 0.22),
    "rank:vice_president": (0.14, 0.24),
    "rank:director": (0.03, 0.10),
    "rank:manager": (-0.03, 0.03),
    "rank:other": (-0.08, -0.02),
    "human_resources": (-0.20, -0.10),
    "text:question": (0.06, 0.12),
    "text:personal": (0.08, 0.16),
    "text:link": (-0.16, -0.08),
    "text:long": (-0.10, -0.05),
    "text:shouting": (-0.15, -0.08),
    "time:weekend": (-0.08, -0.03),
    "time:morning": (0.02, 0.06),
}
_REPLY: Mapping[str, tuple[float, float]] = {
    "base": (0.20, 0.30),
    "rank:executive": (-0.05, 0.02),
    "rank:vice_president": (0.03, 0.10),
    "rank:director": (0.03, 0.10),
    "rank:manager": (-0.02, 0.04),
    "rank:other": (-0.04, 0.02),
    "human_resources": (-0.10, -0.04),
    "text:question": (0.08, 0.16),
    "text:personal": (0.05, 0.12),
    "text:link": (-0.10, -0.04),
    "text:long": (-0.10, -0.04),
    "text:shouting": (-0.12, -0.06),
    "time:weekend": (-0.05, -0.02),
    "time:morning": (0.01, 0.04),
}
"""Of each effect the least and the most that a seed draws, in points of probability."""
_INDUSTRY, _SENDER = (-0.10, 0.10), (-0.06, 0.06)
_MOODS: Mapping[str, tuple[tuple[str, ...], float]] = {
    "positive": (INTERESTED, 45),
    "neutral": (POLITE, 25),
    "not_now": (NOT_NOW, 15),
    "negative": (REFUSING, 10),
    "opt_out": (STOP, 5),
}
"""How an answer is meant: its words, and how many in a hundred are meant so."""


@dataclass(frozen=True, kw_only=True)
class Approach:
    """Somebody gets in touch: who with whom, in which words, and when in virtual seconds."""

    sender: str
    """Public identifier of the account's owner: another account of theirs is liked as much."""
    person: Person
    text: str
    at: float
    messages: int = 1
    """Which message of the chat it is, from 1."""


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What adds to a probability, and takes from it, by name."""

    points: Mapping[str, float]

    def chance(self, traits: frozenset[str]) -> float:
        """The probability for who and what has these traits; never certain, never hopeless."""
        told = sum(points for name, points in self.points.items() if name in traits)
        return min(_MOST, max(_LEAST, told))


class Tastes:
    """One world's; in an indifferent one nothing that a sender chooses makes a difference."""

    def __init__(self, dice: Dice, kind: TasteKind) -> None:
        self._dice = dice
        self.kind = kind
        self.acceptance = self._effects("acceptance", _ACCEPTANCE)
        self.reply = self._effects("reply", _REPLY)

    def accepts(self, approach: Approach) -> float:
        """How likely the person accepts an invitation."""
        return self._chance("acceptance", self.acceptance, approach)

    def replies(self, approach: Approach) -> float:
        """How likely the person answers a message."""
        chance = self._chance("reply", self.reply, approach)
        return chance * _LATER_MESSAGES ** (approach.messages - 1)

    def sender(self, what: str, sender: str) -> float:
        """How much a sender adds to the probability."""
        if self.kind == "indifferent":
            return 0.0
        return self._dice.between(*_SENDER, "taste", what, "sender", sender)

    def traits(self, approach: Approach) -> frozenset[str]:
        """All that is liked and disliked about it."""
        person, found = approach.person, {"base"}
        found.add(f"rank:{rank(person.position)}")
        found.add(f"industry:{industry(self._dice, person.company)}")
        if _HUMAN_RESOURCES.search(person.position):
            found.add("human_resources")
        found |= {name for name, shows in _TEXT.items() if shows(approach)}
        when = datetime.fromtimestamp(approach.at, UTC)
        if when.weekday() >= _SATURDAY:
            found.add("time:weekend")
        if when.hour in _MORNING:
            found.add("time:morning")
        return frozenset(found)

    def answer(self, *keys: object) -> str:
        """What somebody writes who answers."""
        weights = {mood: weight for mood, (_, weight) in _MOODS.items()}
        words, _ = _MOODS[self._dice.weighted(weights, "mood", *keys)]
        return self._dice.pick(words, "words", *keys)

    def _chance(self, what: str, effects: Effects, approach: Approach) -> float:
        sender = {f"sender:{approach.sender}": self.sender(what, approach.sender)}
        told = Effects(points={**effects.points, **sender})
        return told.chance(self.traits(approach) | sender.keys())

    def _effects(self, what: str, drawn: Mapping[str, tuple[float, float]]) -> Effects:
        spans = {**drawn, **{f"industry:{name}": _INDUSTRY for name in INDUSTRIES}}
        points = {
            name: self._dice.between(*span, "taste", what, name) for name, span in spans.items()
        }
        if self.kind == "indifferent":
            points = dict.fromkeys(points, 0.0) | {"base": points["base"]}
        return Effects(points=points)


def rank(position: str) -> str:
    """How high somebody stands, by the title they give themselves."""
    return next((name for name, words in _RANKS if words.search(position)), "other")


def check_kind(name: str) -> TasteKind:
    """The name, if there are such tastes; raises `ValueError` if there are none."""
    kinds: tuple[TasteKind, ...] = get_args(TasteKind)
    for kind in kinds:
        if kind == name:
            return kind
    raise ValueError(f"no such tastes: {name!r}; known: {', '.join(kinds)}")


def _is_personal(approach: Approach) -> bool:
    text, person = approach.text.lower(), approach.person
    return any(word and word.lower() in text for word in (person.company, person.position))


def _is_shouting(approach: Approach) -> bool:
    words = _SHOUTED.findall(approach.text)
    return len([word for word in words if word.isupper()]) >= _WORDS_SHOUTED


_TEXT: Mapping[str, Callable[[Approach], bool]] = {
    "text:question": lambda approach: "?" in approach.text,
    "text:personal": _is_personal,
    "text:link": lambda approach: "://" in approach.text or "www." in approach.text.lower(),
    "text:long": lambda approach: len(approach.text) > _LONG,
    "text:shouting": _is_shouting,
}
