"""What a full name tells by itself of the order in which it is written. Pure."""

# ruff: noqa: RUF001 - letters of other scripts are meant

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from campaigns.texts.names import japanese
from campaigns.texts.names.japanese import may_be_japanese
from campaigns.texts.names.lexicon import LEXICONS, Lexicon, Meaning, is_known, plain

_PATRONYMIC = re.compile(r"(?i)..(?:ович|евич|ьич|мич|кич|овна|евна|ична|инична|івна|ївна)$")
_CYRILLIC_FAMILY = re.compile(
    r"(?i)(?!(?:яков|любов|пров|иов|лев)$)[а-яёіїє]{2,}(?:ов|ев|ёв|ова|ева|ёва|ский|ская|цкий|цкая|ський|ська|енко|чук|щук)$"
)
INITIAL = re.compile(r"[^\W\d_]\.?(?:-?[^\W\d_]\.)*")
_FEWEST_CAPITALS = 3
_WITH_PATRONYMIC = 3


class NameOrder(StrEnum):
    """In which order a full name is written."""

    GIVEN_FIRST = "given_first"
    FAMILY_FIRST = "family_first"
    UNKNOWN = "unknown"


class Weight(StrEnum):
    """How far what a name tells by itself may be believed."""

    CERTAIN = "certain"
    LIKELY = "likely"
    WEAK = "weak"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The order that a name tells, unknown where it contradicts itself, and how sure that is."""

    order: NameOrder
    weight: Weight
    given: tuple[str, ...] = ()
    """Which words are the given name, where that is known as well."""
    language: str = ""


def evidence_of(words: Sequence[str], language: str) -> Evidence | None:
    """What a name of several words tells by itself."""
    by_form = _by_patronymic(words) or _by_capitals(words)
    if by_form is not None:
        return by_form
    core = [word for word in words if not INITIAL.fullmatch(word)]
    by_japanese = _by_japanese(core) if language in {"", "ja"} else None
    if by_japanese is not None and by_japanese.weight is Weight.CERTAIN:
        return by_japanese
    if len(core) < 2 or not (is_known(core[0]) or is_known(core[-1])):  # noqa: PLR2004
        return by_japanese
    lexicons = [LEXICONS[language]] if language else [*LEXICONS.values()]
    told = bool(language)
    judged = ((lexicon, _by_words(core, lexicon, told=told)) for lexicon in lexicons)
    found = [replace(each, language=by.language) for by, each in judged if each is not None]
    certain = next((each for each in found if each.weight is Weight.CERTAIN), None)
    return certain or by_japanese or next(iter(found), None)


def _by_patronymic(words: Sequence[str]) -> Evidence | None:
    """`Иванов Иван Иванович`; of two words the family's ending tells."""
    if len(words) == _WITH_PATRONYMIC and _PATRONYMIC.search(words[2]):
        return Evidence(order=NameOrder.FAMILY_FIRST, weight=Weight.CERTAIN, given=(words[1],))
    if len(words) == _WITH_PATRONYMIC and _PATRONYMIC.search(words[1]):
        return Evidence(order=NameOrder.GIVEN_FIRST, weight=Weight.CERTAIN)
    first, last = (_CYRILLIC_FAMILY.fullmatch(words[i]) is not None for i in (0, -1))
    if first == last:
        return None
    order = NameOrder.FAMILY_FIRST if first else NameOrder.GIVEN_FIRST
    return Evidence(order=order, weight=Weight.CERTAIN, given=(words[1],) if first else ())


def _by_capitals(words: Sequence[str]) -> Evidence | None:
    """`LOVELACE Ada`, `Ada LOVELACE`: as registers mark the family name."""
    shouted = [word.isupper() and sum(map(str.isalpha, word)) >= _FEWEST_CAPITALS for word in words]
    count = sum(shouted)
    if not 0 < count < len(words):
        return None
    if all(shouted[-count:]):
        return Evidence(order=NameOrder.GIVEN_FIRST, weight=Weight.CERTAIN)
    if all(shouted[:count]):
        behind = tuple(words[count:])
        return Evidence(order=NameOrder.FAMILY_FIRST, weight=Weight.LIKELY, given=behind)
    return None


def _by_japanese(words: Sequence[str]) -> Evidence | None:
    """`Furusawa Chie`, `Chie Furusawa`: by which of the two is known as what in Japan."""
    if not may_be_japanese(words):
        return None
    first, last = map(japanese.meaning, words)
    known = [each for each in (first, last) if each is not Meaning.UNKNOWN]
    turned = first is Meaning.FAMILY or last is Meaning.GIVEN
    plain_order = first is Meaning.GIVEN or last is Meaning.FAMILY
    if turned == plain_order:
        # Both names of the same kind, or of both kinds: nobody knows.
        if len(known) < len(words):
            return None
        return Evidence(order=NameOrder.UNKNOWN, weight=Weight.LIKELY, language="ja")
    weight = Weight.CERTAIN if len(known) == len(words) else Weight.LIKELY
    if plain_order:
        return Evidence(order=NameOrder.GIVEN_FIRST, weight=weight, language="ja")
    return Evidence(
        order=NameOrder.FAMILY_FIRST, weight=weight, given=tuple(words[1:]), language="ja"
    )


def _by_words(words: Sequence[str], lexicon: Lexicon, *, told: bool) -> Evidence | None:
    """What the first and the last word tell; `told` if the column is of the lexicon's language."""
    first, last = lexicon.meaning(words[0]), lexicon.meaning(words[-1])
    given = tuple(lexicon.given_behind(words))
    if Meaning.FAMILY in (first, last) and lexicon.may_be_families(words[0], words[-1]):
        sure = Weight.CERTAIN if lexicon.knows_given else Weight.LIKELY
        return Evidence(order=NameOrder.UNKNOWN, weight=sure, given=given)
    if first is Meaning.FAMILY:
        return _with_family_first(words, given, lexicon)
    if last is Meaning.FAMILY:
        weight = Weight.CERTAIN if lexicon.is_given(words[0]) else Weight.LIKELY
        return Evidence(order=NameOrder.GIVEN_FIRST, weight=weight)
    if last is Meaning.MARRIED or (told and first is last is Meaning.GIVEN):
        return Evidence(order=NameOrder.UNKNOWN, weight=Weight.CERTAIN)
    return _with_given(first, last, words, given if told else (), lexicon)


def _with_given(
    first: Meaning, last: Meaning, words: Sequence[str], given: tuple[str, ...], lexicon: Lexicon
) -> Evidence | None:
    """A given name at one end; likelier if the other end is a name that may be a family's."""
    if (first is Meaning.GIVEN) == (last is Meaning.GIVEN):
        return None
    order, other = NameOrder.FAMILY_FIRST, words[0]
    if first is Meaning.GIVEN:
        order, other, given = NameOrder.GIVEN_FIRST, words[-1], ()
    weight = Weight.LIKELY if lexicon.is_given(other) else Weight.WEAK
    return Evidence(order=order, weight=weight, given=given)


def _with_family_first(words: Sequence[str], given: tuple[str, ...], lexicon: Lexicon) -> Evidence:
    """A known family name, and behind it a name of that language, or of another one."""
    sure = lexicon.is_given(words[-1]) or lexicon.sounds_like(words)
    if not given or not (sure or lexicon.knows_given):
        return Evidence(order=NameOrder.UNKNOWN, weight=Weight.LIKELY, given=given)
    weight = Weight.CERTAIN if sure else Weight.LIKELY
    return Evidence(order=NameOrder.FAMILY_FIRST, weight=weight, given=given)


def by_slug(words: Sequence[str], slug: str) -> Evidence | None:
    """As LinkedIn has put the words in order, behind which it has put something of its own."""
    parts = slug.lower().split("-")
    if len(parts) < len(words) + 1 or not any(map(str.isdigit, parts[-1])):
        return None
    first, last = plain(words[0]), plain(words[-1])
    if parts[0] == last and first in parts[1:]:
        return Evidence(order=NameOrder.FAMILY_FIRST, weight=Weight.LIKELY)
    if parts[0] == first and last in parts[1:]:
        return Evidence(order=NameOrder.GIVEN_FIRST, weight=Weight.LIKELY)
    return None
