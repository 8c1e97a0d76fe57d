"""Which word of a full name is the family name. Pure.

Hungarians, Chinese, Japanese, Koreans and Vietnamese say the family name first, and so do registers
in many countries; their tools say it last. A name tells by itself where one of its ends is known to
be a family's or a given name, and not the other (`names.toml`), by capitals, a patronymic or its
script. Else its column tells: by its header, by its language, or because its other names do. Where
neither tells, nobody is greeted by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from campaigns.texts.names.characters import in_characters, is_in_characters
from campaigns.texts.names.evidence import (
    INITIAL,
    Evidence,
    NameOrder,
    Weight,
    by_slug,
    evidence_of,
)
from campaigns.texts.names.lexicon import LEXICONS, Meaning, plain
from campaigns.texts.names.name_words import PARTICLES
from campaigns.texts.person_names import clean_name, is_company_behind, split_turned

_FEWEST_VOTES = 3
_MOST_OF = 0.8
_MANY_OF = 0.3
"""Of a column that says nothing, so many names must tell before they speak for the others."""


@dataclass(frozen=True, kw_only=True)
class NameColumn:
    """How the full names of a column are written, as far as the column tells.

    `language` is one that says the family name first, of whose words its header is; `is_told`
    whether anything but habit says the order; `by_comma` whether last names end with a comma.
    """

    order: NameOrder = NameOrder.GIVEN_FIRST
    language: str = ""
    is_told: bool = False
    by_comma: bool = False


SILENT = NameColumn()
"""A column that tells nothing."""


@dataclass(frozen=True, kw_only=True)
class FullName:
    """The parts of a name; both are empty where it is no person's."""

    given: str = ""
    family: str = ""
    is_turned: bool = False


def read_name(full_name: str, column: NameColumn = SILENT) -> FullName | None:
    """The parts of a full name; None if it cannot be known which is which."""
    if is_company_behind(full_name):
        return FullName()
    parted = split_turned(full_name, anywhere=column.by_comma) if "," in full_name else None
    if parted is not None:
        return FullName(given=parted[0], family=parted[1], is_turned=True)
    name = clean_name(full_name)
    if is_in_characters(name):
        found = in_characters(full_name, name, column.language)
        return FullName(given=found[0], family=found[1]) if found is not None else None
    words = name.split()
    return _of_words(words, column) if len(words) > 1 else _single(name, column)


def _of_words(words: Sequence[str], column: NameColumn) -> FullName | None:
    evidence = evidence_of(words, column.language)
    order = _decided(evidence, column)
    if order is NameOrder.GIVEN_FIRST:
        return FullName(given=words[0], family=" ".join(words[1:]))
    given = (evidence.given if evidence else ()) or _behind(words, column.language)
    if order is NameOrder.UNKNOWN or not given:
        return None
    return FullName(given=" ".join(given), family=" ".join(_before(words, given)), is_turned=True)


def _before(words: Sequence[str], given: Sequence[str]) -> Sequence[str]:
    """The family name: what stands before the given one, less the middle names of Vietnam."""
    family = words[: words.index(given[0], 1)]
    return family[:1] if LEXICONS["vi"].meaning(words[0]) is Meaning.FAMILY else family


def read_beside(full_name: str, family: str) -> str:
    """What is left of a full name without this family name; empty if it is not in it."""
    words, without = clean_name(full_name).split(), {plain(word) for word in family.split()}
    left = [word for word in words if plain(word) not in without]
    return " ".join(left) if 0 < len(left) < len(words) else ""


def column_of(
    names: Sequence[str],
    slugs: Sequence[str],
    *,
    said: NameOrder | None = None,
    language: str = "",
    by_comma: bool = False,
) -> NameColumn:
    """How the names of a column are written, by what it says and what most of them tell.

    `slugs` are the addresses beside the names, which LinkedIn makes of given and family name.
    """
    prior = said or (NameOrder.FAMILY_FIRST if language else NameOrder.GIVEN_FIRST)
    is_told = said is not None or bool(language)
    votes = [*_votes(names, slugs, language)]
    orders = Counter(each.order for each in votes)
    few = len(votes) < (_FEWEST_VOTES if is_told else max(_FEWEST_VOTES, _MANY_OF * len(names)))
    if few:
        against = [order for order in orders if order is not prior]
        order = NameOrder.UNKNOWN if is_told and against else prior
        return NameColumn(order=order, language=language, is_told=is_told, by_comma=by_comma)
    order, count = orders.most_common(1)[0]
    if count < _MOST_OF * len(votes):
        order = NameOrder.UNKNOWN
    return NameColumn(
        order=order, language=language or _language_of(votes), is_told=True, by_comma=by_comma
    )


def _language_of(votes: Sequence[Evidence]) -> str:
    """The one language whose names most of these are; empty if there is none."""
    language, count = Counter(each.language for each in votes).most_common(1)[0]
    return language if count >= _MOST_OF * len(votes) else ""


def _votes(names: Sequence[str], slugs: Sequence[str], language: str) -> Iterator[Evidence]:
    for name, slug in zip(names, slugs, strict=True):
        words = clean_name(name).split()
        if len(words) < 2 or split_turned(name) is not None or is_in_characters(name):  # noqa: PLR2004
            continue
        evidence = evidence_of(words, language)
        if evidence is None or evidence.weight is Weight.WEAK:
            evidence = by_slug(words, slug)
        if evidence is not None and evidence.order is not NameOrder.UNKNOWN:
            yield evidence


def _decided(evidence: Evidence | None, column: NameColumn) -> NameOrder:
    """The order of a name, by itself or by its column; unknown where they contradict each other."""
    if evidence is None:
        return column.order
    if evidence.weight is Weight.CERTAIN or evidence.order is column.order:
        return evidence.order
    if evidence.order is NameOrder.UNKNOWN:
        is_turned = column.order is NameOrder.FAMILY_FIRST
        return NameOrder.FAMILY_FIRST if is_turned else NameOrder.UNKNOWN
    if column.order is NameOrder.UNKNOWN:
        return evidence.order
    if not column.is_told and evidence.weight is Weight.WEAK:
        return column.order
    return NameOrder.UNKNOWN


def _single(name: str, column: NameColumn) -> FullName | None:
    """One word is whom to greet, unless it may be a family's."""
    if not name:
        return FullName()
    lexicons = [LEXICONS[column.language]] if column.language else [*LEXICONS.values()]
    meanings = {lexicon.meaning(name) for lexicon in lexicons}
    if Meaning.GIVEN in meanings or (not column.language and Meaning.FAMILY not in meanings):
        return FullName(given=name)
    return None


def _behind(words: Sequence[str], language: str) -> Sequence[str]:
    """The given name of one that begins with the family's; empty where its length is not known."""
    core = [word for word in words if not INITIAL.fullmatch(word)]
    if language:
        return LEXICONS[language].given_behind(core)
    while len(core) > 2 and core[0].casefold() in PARTICLES:  # noqa: PLR2004
        core = core[1:]
    return core[1:] if len(core) == 2 else ()  # noqa: PLR2004
