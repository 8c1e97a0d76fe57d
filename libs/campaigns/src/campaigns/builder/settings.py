"""A node's `data.config`, read leniently and judged strictly. Pure.

The two dialects of the builder name the same setting differently, so every
setting is asked for by all of its names; the first that is not null counts.
Numbers and booleans may come as strings. The stale copy that older exports keep
under `config.config` is never looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from campaigns.sequences.diagnostics import Diagnostics, shown

OLDER_SETTINGS = frozenset(
    """
    postCount recentPostWithin length commentTone message isFollowUp mentionPost purpose
    integrationId targetUrl timeDelay
    """.split()  # noqa: SIM905  words read best as words
)
"""Settings that only the older dialect writes."""

LONGEST_GUIDELINES = 4_000
_LONGEST_TEXT = 20_000
_LONGEST_WORD = 60
_BEYOND_ANY_NUMBER = 10**_LONGEST_WORD
_INVALID = "SETTING_INVALID"
_BOOLEANS: Mapping[object, bool] = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one node, and where to tell what is wrong with them."""

    values: Mapping[str, Any]
    path: str
    diagnostics: Diagnostics

    def field(self, *names: str) -> str:
        """The path of the setting: of the name that is used, or else of the first."""
        return f"{self.path}.{self.name(*names)}"

    def name(self, *names: str) -> str:
        """The name under which the setting has a value, or else the first."""
        return next((name for name in names if self._is_set(name)), names[0])

    def has(self, *names: str) -> bool:
        """Whether the setting has a value under one of its names."""
        return any(self._is_set(name) for name in names)

    def text(self, *names: str, longest: int = _LONGEST_TEXT) -> str:
        """A text, with its newlines; blank if it is missing or nothing but space."""
        value = self._value(names)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._refuse(names, f"“{shown(value)}” is not a text.")
            return ""
        if len(value) > longest:
            self._refuse(names, f"The text is longer than {longest:,} characters.")
            return ""
        return value.strip()

    def flag(self, *names: str, default: bool) -> bool:
        """A yes or no."""
        value = self._value(names)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else repr(value)[:2]
        answer = _BOOLEANS.get(word)
        if answer is None:
            self._refuse(names, f"“{shown(value)}” is neither true nor false.")
            return default
        return answer

    def count(self, *names: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`."""
        value = self._value(names)
        if value is None:
            return default
        number = _whole_number(value)
        if number is None or not 1 <= number <= most:
            self._refuse(names, f"“{shown(value)}” is not a whole number from 1 to {most}.")
            return default
        return number

    def word(self, *names: str) -> str:
        """A short word in lower case, without what follows in parentheses."""
        value = self._value(names)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > _LONGEST_WORD:
            self._refuse(names, f"“{shown(value)}” is not one of the words to choose from.")
            return ""
        return value.partition("(")[0].strip().lower()

    def choice(self, *names: str, default: str, among: frozenset[str]) -> str:
        """A word that must be one of a closed set."""
        word = self.word(*names)
        if not word:
            return default
        if word not in among:
            offered = ", ".join(sorted(among))
            self._refuse(names, f"“{shown(word)}” is none of {offered}.")
            return default
        return word

    def style(self, *names: str, default: str, usual: frozenset[str]) -> str:
        """A word for the writer; an unusual one is passed on, and told."""
        word = self.word(*names)
        if word and word not in usual:
            self.diagnostics.warn(
                self.field(*names),
                "SETTING_UNUSUAL",
                f"“{shown(word)}” is not a value that the builder offers; the writer gets it as"
                " it is.",
            )
        return word or default

    def number(self, *names: str) -> Decimal | None:
        """A number, with or without a percent sign; None if it is missing or was refused."""
        value = self._value(names)
        if value is None:
            return None
        number = _number(value)
        if number is None:
            self._refuse(names, f"“{shown(value)}” is not a number.")
        return number

    def refuse(self, name: str, reason: str, description: str) -> None:
        """Tell that a setting is wrong."""
        self.diagnostics.refuse(f"{self.path}.{shown(name)}", reason, description)

    def warn(self, name: str, reason: str, description: str) -> None:
        """Tell what is worth knowing about a setting."""
        self.diagnostics.warn(f"{self.path}.{shown(name)}", reason, description)

    def _is_set(self, name: str) -> bool:
        value = self.values.get(name)
        return value is not None and not (isinstance(value, str) and not value.strip())

    def _value(self, names: tuple[str, ...]) -> Any:
        return next((self.values[name] for name in names if self._is_set(name)), None)

    def _refuse(self, names: tuple[str, ...], description: str) -> None:
        self.diagnostics.refuse(self.field(*names), _INVALID, description)


def _whole_number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        text = value.strip().removesuffix(".0")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004  no count is that long
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int) and abs(value) >= _BEYOND_ANY_NUMBER:
        return None
    text = str(value).strip().removesuffix("%").replace(",", ".").strip()
    try:
        number = Decimal(text) if len(text) <= _LONGEST_WORD else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
