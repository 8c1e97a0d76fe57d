"""Filters that are drawn, each with what it means for a row, found without reading it.

The text goes to the parser; the meaning is put together beside it, from the same draws, and knows
neither the parser's trees nor a word of SQL.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Row = Mapping[str, Any]
Meaning = Callable[[Row], bool]
Drawn = tuple[str, Meaning]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STATES = {"READY": "ready", "HELD_BACK": "held_back", "DONE": "done"}
WORDS = ["", "Ada", "ada lovelace", 'say "so"', "100%_", "back\\slash", "it's", "AND", "*"]
NUMBERS = [-7, 0, 1, 41, 2**40]
INSTANTS = [NOON + timedelta(minutes=30 * step) for step in range(-2, 3)]
DURATIONS = [timedelta(seconds=each) for each in (-1.5, 0, 0.25, 90)]
TAGS = ["one", "two", "three or four"]

_COMPARISONS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_UNSET_COLUMNS = ("number", "instant", "duration", "nickname")


def rows(random: Random, count: int) -> list[dict[str, Any]]:
    """Rows in which every column takes each of its values, and some are unset."""
    return [
        {
            "id": number,
            "state": random.choice([*STATES.values()]),
            "word": random.choice(WORDS),
            "nickname": random.choice([None, *WORDS]),
            "number": random.choice([None, *NUMBERS]),
            "instant": random.choice([None, *INSTANTS]),
            "duration": random.choice([None, *DURATIONS]),
            "done": random.random() < 0.5,
            "tags": random.sample(TAGS, random.randrange(len(TAGS) + 1)),
        }
        for number in range(count)
    ]


class FilterSource:
    """Draws filters."""

    def __init__(self, random: Random, *, most: int) -> None:
        self._random = random
        self._most = most
        self._comparisons = 0

    def draw(self) -> Drawn:
        """A filter with no more comparisons than are read."""
        while True:
            self._comparisons = 0
            drawn = self.filter()
            if self._comparisons <= self._most:
                return drawn

    def filter(self, depth: int = 3) -> Drawn:
        """Sequences with AND between them, which may be left out."""
        parts = [self._factor(depth) for _ in range(self._few())]
        text = parts[0][0]
        for part, _ in parts[1:]:
            text += self._random.choice([" AND ", " ", "  AND\n", "\t"]) + part
        return text, lambda row: all(meaning(row) for _, meaning in parts)

    def _factor(self, depth: int) -> Drawn:
        parts = [self._term(depth) for _ in range(self._few())]
        return " OR ".join(text for text, _ in parts), lambda row: any(
            meaning(row) for _, meaning in parts
        )

    def _term(self, depth: int) -> Drawn:
        text, meaning = self._simple(depth)
        if self._random.random() < 0.3:
            return self._random.choice(["NOT ", "-", "- "]) + text, lambda row: not meaning(row)
        return text, meaning

    def _simple(self, depth: int) -> Drawn:
        if depth and self._random.random() < 0.3:
            text, meaning = self.filter(depth - 1)
            return f"({text})", meaning
        self._comparisons += 1
        return self._random.choice(self._comparisons_of())()

    def _comparisons_of(self) -> Sequence[Callable[[], Drawn]]:
        """What one field is compared with by one value."""
        return [
            self._state,
            self._word,
            self._part_of_word,
            self._number,
            self._instant,
            self._duration,
            self._done,
            self._tag,
            self._set,
        ]

    def _state(self) -> Drawn:
        name = self._random.choice([*STATES])
        written = self._random.choice([name, f"STATE_{name}", f'"{name}"'])
        return self._compared("state", self._equality(), written, STATES[name])

    def _word(self) -> Drawn:
        word, column = self._random.choice(WORDS), self._random.choice(["word", "nickname"])
        return self._compared(column, self._equality(), self._quoted(word), word)

    def _part_of_word(self) -> Drawn:
        part = self._random.choice(["a", "ADA", "love", "%", "\\", "'", '"s', "", "*", "zz"])
        column = self._random.choice(["word", "nickname"])
        return (
            f"{column}{self._spaced(':')}{self._quoted(part)}",
            lambda row: row[column] is not None and part.lower() in row[column].lower(),
        )

    def _number(self) -> Drawn:
        number = self._random.choice([*NUMBERS, 5])
        return self._compared("number", self._any(), str(number), number)

    def _instant(self) -> Drawn:
        instant = self._random.choice(INSTANTS)
        written = instant.isoformat()
        if self._random.random() < 0.5:
            written = f'"{(instant + timedelta(hours=2)).isoformat()[:-6]}+02:00"'
        return self._compared("instant", self._any(), written, instant)

    def _duration(self) -> Drawn:
        duration = self._random.choice(DURATIONS)
        return self._compared("duration", self._any(), f"{duration.total_seconds():g}s", duration)

    def _done(self) -> Drawn:
        done = self._random.random() < 0.5
        return self._compared("done", self._equality(), str(done).lower(), done)

    def _tag(self) -> Drawn:
        tag = self._random.choice([*TAGS, "none"])
        return f"tags:{self._quoted(tag)}", lambda row: tag in row["tags"]

    def _set(self) -> Drawn:
        column = self._random.choice([*_UNSET_COLUMNS, "word", "tags"])
        # A text or a set that is empty says nothing either; a zero does.
        empty = (None, "", []) if column in ("nickname", "word", "tags") else (None,)
        return f"{column}:*", lambda row: row[column] not in empty

    def _compared(self, column: str, symbol: str, written: str, value: Any) -> Drawn:
        compare = _COMPARISONS[symbol]

        def meaning(row: Row) -> bool:
            if row[column] is None:
                return symbol == "!="
            return bool(compare(row[column], value))

        return f"{column}{self._spaced(symbol)}{written}", meaning

    def _quoted(self, text: str) -> str:
        mark = self._random.choice("\"'")
        escaped = text.replace("\\", "\\\\").replace(mark, f"\\{mark}")
        return f"{mark}{escaped}{mark}"

    def _spaced(self, symbol: str) -> str:
        return self._random.choice([symbol, f" {symbol} "])

    def _few(self) -> int:
        return self._random.choice([1, 1, 2, 3])

    def _equality(self) -> str:
        return self._random.choice(["=", "!="])

    def _any(self) -> str:
        return self._random.choice([*_COMPARISONS])


def told_apart(meanings: Sequence[Meaning], among: Sequence[Row]) -> int:
    """How many of the filters hold for some of the rows and not for others."""
    return sum(len({meaning(row) for row in among}) > 1 for meaning in meanings)
