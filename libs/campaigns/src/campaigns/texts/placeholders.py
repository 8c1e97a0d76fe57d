"""What looks like a placeholder that nobody fills in. Pure.

Every tool writes its own: `%FIRSTNAME%`, `*|FNAME|*`, `<first_name>`, `_FN_`, `[Your Name]`.
Here they are letters and would be sent as they stand, as HTML would. So a text that has one is
asked about, with the name that was likely meant, and a value that is one is no value; what is
meant as it stands the customer confirms by name. What AI writes is looked at with the same eyes.
"""

# ruff: noqa: RUF001 - signs as other scripts write them

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from campaigns.texts.around_variables import GREETINGS, blank_fallbacks, marked
from campaigns.texts.blanks import CELLS, LONGEST, is_no_text
from campaigns.texts.template import literals, parse, variables
from campaigns.texts.variables import likely_variable

_FIELD = r"(?:first|last|full|given|family|sur|company|contact|job|lead|recipient)"
_KNOWN = (
    rf"(?:{_FIELD}[ _.-]?(?:name|title)s?|[fl]name|name|company|job[ _]?title|vorname|nachname"
    r"|pr[ée]nom|nombre|nome)"
)
_YOUR = r"(?:ihre?|deine?|votre|ton|tu|su|seu|tuo|suo|uw|jouw)"
_FIELDS_SAID = (
    r"(?:(?:first|last|full|your|their)[ _-]?name|name|vorname|nachname|pr[ée]nom|nom|nombre|nome"
    r"|naam|voornaam|imię|namn|navn)"
)
_NOTED = (
    r"(?i:add|and|ask|change|check|complete|fill|finish|fix|insert|mention|personali[sz]e|replace"
    r"|rewrite|set|the|update|write|your)"
)
"""What goes on from a note to oneself, and from no Spanish or Portuguese word."""
_OF_SOMEBODY = r"(?:contact|lead|person|prospect|recipient|customer|client)"
_GREETED_AS = (
    rf"(?:{_OF_SOMEBODY}[ _-]?(?:(?:first|last|full)[ _-]?)?name|[fl]name|{_FIELDS_SAID}"
    r"|(?:given|sur|family)[ _-]?name|nachname|familienname|apellidos?|cognome|sobrenome|achternaam"
    r"|nazwisko)"
)
_ADDRESSED = r"(?:herrn?|frau|mrs?|ms|miss|monsieur|madame|mme|señora?|sra?|signora?|dhr|pani?)"
_IN_FIELDS_SAID = re.compile(r"(?i)na[mavz]|nom|imi|apell|undefin|null|\[")
"""In each of them one of these; most values have none, and need not be searched."""
_TAGS: Final = frozenset(
    """
    a abbr b big blockquote body br button center code dd del div dl dt em font footer form h1 h2 h3
    h4 h5 h6 head header hr html i img input ins label li link mark meta ol option p pre s script
    section select small span strike strong style sub sup table tbody td tfoot th thead title tr tt
    u ul video
    """.split()  # noqa: SIM905  words read best as words
)
_ORDINARY: Final = frozenset(
    """
    pdf sic video audio image photo slides deck ppt pptx doc docx xls xlsx csv zip png jpg
    ok new free updated en de fr es pt it nl
    """.split()  # noqa: SIM905  words read best as words
)
"""Single words that people put into brackets in a sentence."""
_FILL_IN: Final = frozenset(
    """
    name names firstname lastname fullname company business organization organisation firm your
    insert title role position job city location country industry website email phone date topic
    product recipient contact prospect client customer sender signature placeholder
    vorname nachname firma unternehmen prénom entreprise nombre empresa nome azienda nom naam
    voornaam achternaam bedrijf apellido apellidos cognome sobrenome
    link url calendar calendly add personal personalize personalise personalized personalised
    personalization personalisation custom icebreaker opener intro sentence todo tbd here your
    """.split()  # noqa: SIM905  words read best as words
)
_ASKS: Final = frozenset(
    "name first_name firstname lastname fullname your insert vorname nachname prénom nombre".split()  # noqa: SIM905  words read best as words
)
_HTML = re.compile(
    rf"(?i:</?(?:{'|'.join(sorted(_TAGS))})(?:\s[^<>\n]{{0,200}})?/?>)"
    r"|</?[ovwm]:[a-z]+[^<>\n]{0,200}>|<!--"
    r"|&(?:[A-Za-z]{2}[A-Za-z0-9]{0,8}|#\d{2,5}|#x[0-9A-Fa-f]{2,5});|&(?:nbsp|amp|quot|lt|gt)(?![\w=])"
)
_MERGE_TAG = re.compile(
    rf"""(?x)
      \*\|[^|\n]{{1,60}}\|\*
    | <<[^<>\n]{{1,60}}>>
    | </?[^\W\d_][^<>\n@:]{{0,60}}>
    | (?<![\w%])%{{1,2}}[^\W\d_][\w.-]{{1,40}}%{{1,2}}(?!\w)
    | (?i:%{{1,2}}\s?{_KNOWN}\s?%{{1,2}})
    | %\(\w{{1,40}}\)s(?!\w)
    | (?<![\w$])\$\$?[A-Za-z][\w.]{{1,40}}\$\$?(?!\w)
    | (?<![\w$])\$(?i:{_KNOWN})(?!\w)
    | (?<![\w\#])\#{{1,2}}[A-Za-z][\w.]{{1,40}}\#{{1,2}}(?!\w)
    | (?<!\w)_{{1,3}}[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_{{1,3}}(?!\w)
    | (?i:(?<!\w)[_@~^!:&+=]{{1,2}}{_KNOWN}[_@~^!:&+=]{{1,2}}(?!\w))
    | (?i:[«‹〔［【｛＜「『]\s?{_KNOWN}\s?[»›〕］】｝＞」』])
    | (?i:\({{1,2}}(?:your|{_FIELD})[ _](?:name|title|company|firm|job|role|city)\){{1,2}})
    | (?i:\({{1,2}}(?:insert|enter|add)[ _][\w ]{{2,40}}\){{1,2}})
    | (?i:\({_YOUR}[ _]{_FIELDS_SAID}\))
    | [【［〔](?:お?名前|氏名|会社名?|姓名|名字|公司(?:名称)?|이름|성함|회사(?:명)?)[】］〕]
    | <\?(?:php|=)[^<>\n]{{0,60}}\?>
    | (?<![\w%])%(?:\d{{1,2}}\$)?[sd](?![\w%])
    | (?<!\w)(?i:{_FIELD}_(?:name|title))(?!\w)
    | (?<!\w)(?i:{_OF_SOMEBODY}_?(?:first|last|full)_?name)(?!\w)
    | (?<!\w)(?i:(?:first|last|full|company)name|jobtitle)(?!\w)
    | (?<!\w)(?:(?:FIRST|LAST|FULL|COMPANY|JOB)[ ](?:NAME|TITLE)|[FL]NAME)(?!\w)
    """
)
_BRACKETS = re.compile(r"\[([^\[\]\n]{1,120})\]")
_GREETED = re.compile(
    rf"(?i)(?<!\w){GREETINGS}\s+(?:(?:{_ADDRESSED}\.?\s+)?"
    rf"([(*|_~'\"<]{{0,2}}{_GREETED_AS}(?:\s+{_GREETED_AS})?[)*|_~'\">]{{0,2}}|\[[^\W\d_]\])"
    r"(?=\s*(?:[,!.:;\n]|$))"
    r"|(undefined|null)(?=\s*(?:[,!.:;\n]|$)|\s+(?:of|at|from|bei|von|de)\b))"
)
"""The name of a name behind a greeting, or a word of programs for nothing, without any marks."""
_BLANK_TO_FILL = re.compile(
    # In Spanish and Portuguese TODO is a word, which another one goes on from or leads to.
    r"_{3,}|(?<!\w)(?:X{3,}(?!\w)|FIXME\b|TODO(?:\s?:"
    r"|(?<!(?i:de)[ ]TODO)(?<!(?i:por|con|com)[ ]TODO)(?<!(?i:sobre)[ ]TODO)"
    rf"\b(?![ ]+(?!{_NOTED}\b)[^\W\d_])))|(?i:lorem ipsum)"
    r"|\b(?:Your|First|Last|Full|Company|Recipient(?:['’]s)?|Contact) Name\b"
    r"|(?i:\binsert\b[^.\n]{0,20}\bhere\b)"
)
_IN_BLANKS_TO_FILL = ("___", "xxx", "fixme", "todo", "lorem", " name", "insert")
"""One of these, in small letters, is in each of them."""


@dataclass(frozen=True, kw_only=True)
class Lookalike:
    """A piece of a text that looks as if it were to be filled in, and why in a sentence."""

    text: str
    description: str


def lookalikes(text: str, *, literal: Collection[str] = ()) -> tuple[Lookalike, ...]:
    """What in a text with variables looks like somebody else's, each once.

    Without those that are meant as they stand. `TextInvalid` if its braces make no sense.
    """
    meant = {" ".join(each.split()) for each in literal}
    parts = parse(text)
    found = [each for said in literals(parts) for each in _found(said)]
    found += map(_lookalike, marked(parts))
    blank = [text] if is_no_text(text) else [*blank_fallbacks(variables(parts))]
    found += [_says_nothing(each) for each in blank]
    return tuple({each.text: each for each in found if each.text not in meant}.values())


def _says_nothing(text: str) -> Lookalike:
    why = "says nothing and would be sent as it stands."
    return Lookalike(text=(shown := " ".join(text.split())), description=f"“{shown[:60]}” {why}")


def has_lookalike(text: str) -> bool:
    """Whether a text that will be sent as it is has anything to be filled in."""
    return next(_found(text), None) is not None


def is_unfilled(value: str) -> bool:
    """Whether a value is itself a template that somebody's tool has left unfilled."""
    return is_template(value) if len(value) > LONGEST else _is_unfilled(value)


@lru_cache(maxsize=CELLS)
def _is_unfilled(value: str) -> bool:
    # Most are words of letters and digits without one of these pieces, and lists are long.
    if value.isascii() and value.replace(" ", "").isalnum():
        return _MAY_BE_UNFILLED.search(value.lower()) is not None and is_template(value)
    return is_template(value)


def is_template(value: str) -> bool:
    """The same of any value, slower."""
    lower = value.lower()
    if "{" in value or "}" in value or _has_blank_to_fill(value, lower):
        return True
    if _IN_FIELDS_SAID.search(value) and _GREETED.search(value):
        return True
    if not (_SIGNS.search(value) or "name" in lower or "title" in lower):
        return False
    if _MERGE_TAG.search(value) or _HTML.search(value):
        return True
    brackets = _BRACKETS.fullmatch(value.strip())
    if brackets is not None:
        return _is_to_fill(brackets[1])
    # Beside other words brackets belong to many a value, unless they ask for a name.
    return any(
        not _ASKS.isdisjoint(each[1].casefold().split()) for each in _BRACKETS.finditer(value)
    )


def _has_blank_to_fill(value: str, lower: str) -> bool:
    may_have = any(each in lower for each in _IN_BLANKS_TO_FILL)
    return may_have and _BLANK_TO_FILL.search(value) is not None


_MAY_BE_UNFILLED = re.compile(
    "xxx|fixme|todo|lorem|insert|na[mavz]|nom|imi|apell|undefin|null|title"
)
_SIGNS = re.compile(r"[\[<&%$#*_@~^!:«(+=‹〔［【｛＜「『]")


def _found(text: str) -> Iterator[Lookalike]:
    greeted = (each.span(each.lastindex or 0) for each in _GREETED.finditer(text))
    spans = (*_matches(_HTML, text), *_matches(_MERGE_TAG, text), *_brackets(text), *greeted)
    end_before = 0
    # What is nested in another is told with it, and of two that begin at once the longer.
    for begin, end in sorted((*spans, *_matches(_BLANK_TO_FILL, text)), key=_outer_first):
        if begin >= end_before:
            end_before = end
            yield _lookalike(text[begin:end])


def _outer_first(span: tuple[int, int]) -> tuple[int, int]:
    return span[0], -span[1]


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in pattern.finditer(text))


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    return (each.span() for each in _BRACKETS.finditer(text) if _is_to_fill(each[1]))


def _is_to_fill(inner: str) -> bool:
    """Whether what stands in brackets is a name to be filled in, and no remark."""
    words = re.findall(r"[^\W\d_]+", inner)
    plain = [word.casefold() for word in words]
    if not words:
        return False
    if len(inner.split()) == 1:
        return len(inner) > 1 and not inner[0].isdigit() and inner.casefold() not in _ORDINARY
    return not _FILL_IN.isdisjoint(plain) or all(word[0].isupper() for word in words)


def _lookalike(text: str) -> Lookalike:
    shown = " ".join(text.split())
    if _HTML.match(text):
        why = "is HTML, which LinkedIn shows as it stands"
    else:
        why = "looks like a placeholder and would be sent as it stands"
        likely = likely_variable(text)
        if likely:
            why += f"; if a value is meant, write {{{{{likely}}}}}"
    return Lookalike(text=shown, description=f"“{shown[:60]}” {why}.")
