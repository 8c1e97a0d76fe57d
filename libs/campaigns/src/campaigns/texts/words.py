"""Words of lead lists by language and by what they mean, as `words.toml` has them. Pure.

One place for the languages that no tool's own words cover: headers, cells that say nothing, and
what stands in a name and is none come from the same entry, so that a language is known in all of
them or in none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files

_BY_LANGUAGE: Mapping[str, Mapping[str, str]] = tomllib.loads(
    files("campaigns").joinpath("texts", "words.toml").read_text(encoding="utf-8")
)

LANGUAGES: Sequence[str] = tuple(_BY_LANGUAGE)


def words_for(meaning: str, language: str = "") -> Sequence[str]:
    """What means this, in all languages or in one: a field of a lead, or `nothing` and the like."""
    told = [_BY_LANGUAGE[language]] if language else _BY_LANGUAGE.values()
    return [word.strip() for each in told for word in each.get(meaning, "").split(",") if word]
