r"""The grammar of texts: what is said, what is put in, and what is chosen. Pure.

    text     = any number of literals, variables and choices
    variable = {{name}}  {{name|fallback}}  {{name|default: 'fallback'}}  [name]  [name|fallback]
    choice   = {text|text}  {text|text|text}  ...

Two braces that close as two are a variable; any other brace opens a choice, so
`{{first_name|there}}` is a variable with a fallback and `{{Hi|Hey}|Hello}` a
choice within a choice. A choice has two options or more; one may be empty.
Within a choice `\|` is a bar and `\\` a backslash; a brace cannot be written
at all, which is what keeps every brace off the wire. Brackets are a variable
only where they name a field of a lead, a column of its list, or the sender, so
that ordinary brackets survive; what the customer has confirmed as it stands is none whatever
it names. Of Liquid's filters `default:` is understood and no other; a variable within a variable
is refused.
"""

# ruff: noqa: RUF001 - signs as other scripts write them

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from campaigns.texts.variables import Variable, is_lead_field, variable_name

DEEPEST = 10
"""Choices within choices."""
SENDER_VARIABLES = ("sender.first_name", "sender.last_name", "sender.full_name")

_SPECIAL = re.compile(r"[{}\[|\\]")
_VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
_BRACKETS = re.compile(r"\[([^\[\]{}\n]{1,120})\]")
_SENDER = re.compile(r"\s*sender\s*\.(.*)", re.IGNORECASE | re.DOTALL)
_LONGEST_NAME = 100
_DEFAULT = re.compile(
    r"""(?i)\s*default\s*[:(]\s*(?:'([^']*)'|"([^"]*)"|[‘’“”„‚«‹]([^‘’“”»›]*)[‘’“”»›])\s*\)?\s*"""
)
_FILTER = re.compile(r"""\s*([A-Za-z_]+)\s*(?:([:('"‘“]).*)?""", re.DOTALL)
_QUOTED = re.compile(r"""\s*(?:'[^']*'|"[^"]*")\s*""")
_FILTERS = frozenset(
    """
    default fallback capitalize capitalized downcase upcase lowercase uppercase lower upper
    titlecase title_case titleize title strip lstrip rstrip trim escape strip_html truncate append
    prepend replace remove url_encode squish ucfirst proper propercase first last size join date
    camelcase snakecase kebabcase sentencecase titlecased capitalise capitalised initcap upperfirst
    lowerfirst lcfirst firstword lastword truncatewords handle handleize slugify abs ceil floor
    round plus minus times modulo concat compact map reverse slice sort split sum uniq where nl2br
    """.split()  # noqa: SIM905  words read best as words
)
_LOGIC = re.compile(
    r"""\b(?:or|and)\s+['"‘“]|\?\?|="""
    r"""|^\s*(?:[#^/>!&]\s*\w|(?:if|elsif|elseif|unless|each|for)\s|(?:else|endif|end)\s*$)"""
)
"""What other languages of templates decide with, in whatever marks."""
_GOES_ON = re.compile(r"""([\w .-]+?)\s+(?:if\s.*\selse\s.*|['"‘“][^'"’”]*['"’”]\s*)""", re.DOTALL)
"""`first_name "there"` and `first_name if first_name else 'there'`, if it begins with a field."""
_NESTED = re.compile(r"\[([^\[\]{}|\n]{1,100})\|[^\]\n]{0,200}?[\[{]")


class TextInvalid(ValueError):
    """A brace that belongs to nothing, a variable without a name, a choice of one."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of several texts; `number` counts the choices of a text, from 1, as they open."""

    number: int
    options: tuple[tuple[Part, ...], ...]


Part: TypeAlias = "str | Variable | Choice"


@lru_cache(maxsize=1_024)
def parse(
    text: str, columns: frozenset[str] = frozenset(), literal: tuple[str, ...] = ()
) -> tuple[Part, ...]:
    """The parts of a text; TextInvalid if its braces make no sense.

    `columns` are the names that brackets may mean beside the fields of a lead, and `literal` is
    what is confirmed to be meant as it stands. Remembered, because one text is said to thousands
    of leads of one list.
    """
    return _Parser(text, columns, literal).whole()


class _Parser:
    def __init__(self, text: str, columns: frozenset[str], literal: Iterable[str]) -> None:
        self._text = text
        self._columns = columns
        self._confirmed = [
            range(*found.span()) for each in literal for found in _as_written(each).finditer(text)
        ]
        self._at = 0
        self._choices = 0

    def whole(self) -> tuple[Part, ...]:
        parts = self._parts(depth=0)
        if self._at < len(self._text):
            raise self._senseless(self._at)
        return parts

    def _parts(self, *, depth: int) -> tuple[Part, ...]:
        """Up to the end of the text or, within a choice, of the option."""
        parts: list[Part] = []
        said: list[str] = []
        while self._at < len(self._text):
            part = self._next(depth)
            if part is None:
                break
            if isinstance(part, str):
                said.append(part)
                continue
            _add(parts, said)
            parts.append(part)
        _add(parts, said)
        return tuple(parts)

    def _next(self, depth: int) -> Part | None:
        """The part that begins here; None where the option ends."""
        text, at = self._text, self._at
        letter, following = text[at], text[at + 1 : at + 2]
        if letter == "{":
            return self._variable(_VARIABLE) or self._choice(depth)
        if letter == "[":
            return self._variable(_BRACKETS) or self._bracket(depth)
        if letter == "}" or (letter == "|" and depth):
            return None
        if letter == "\\" and following in {"{", "}"}:
            raise TextInvalid("A brace cannot be written, not even behind a backslash.")
        if letter == "\\" and depth and following in {"|", "\\"}:
            self._at += 1
            return self._literal(1)
        special = _SPECIAL.search(text, at + 1)
        return self._literal((special.start() if special else len(text)) - at)

    def _literal(self, length: int) -> str:
        begin, self._at = self._at, self._at + length
        return self._text[begin : self._at]

    def _variable(self, token: re.Pattern[str]) -> Variable | None:
        found = token.match(self._text, self._at)
        if found is None:
            return None
        name, bar, tail = found[1].partition("|")
        known = _known_name(name)
        if token is _BRACKETS and not self._is_meant(name, known, at=self._at):
            return None
        doubled = token is _BRACKETS and is_lead_field(name) and self._is_bracketed(found)
        if doubled or not known or len(known) > _LONGEST_NAME or _decides(name):
            raise TextInvalid(f"“{found[0][:60]}” does not name a variable.")
        fallback = self._fallback(tail, found) if bar else None
        self._at = found.end()
        return Variable(name=known, fallback=fallback)

    def _is_bracketed(self, found: re.Match[str]) -> bool:
        """Whether brackets stand around it once more: `[[first_name]]` would leave a pair."""
        return self._text[: found.start()].endswith("[") and self._text.startswith("]", found.end())

    def _fallback(self, tail: str, found: re.Match[str]) -> str:
        whole, begin = found[0][:60], found.end(1) - len(tail)
        liquid = _DEFAULT.fullmatch(tail)
        if liquid is not None:
            number = next(i for i, group in enumerate(liquid.groups(), 1) if group is not None)
            tail, begin = liquid[number], begin + liquid.start(number)
        else:
            _refuse_filters(tail, whole)
        if any(
            self._is_meant(each[1], _known_name(each[1].partition("|")[0]), at=begin + each.start())
            for each in _BRACKETS.finditer(tail)
        ):
            raise TextInvalid(f"“{whole}” has a variable within a variable.")
        return " ".join(tail.split())

    def _bracket(self, depth: int) -> str:
        """A bracket that is no variable; one that holds a variable like a fallback is neither."""
        nested = _NESTED.match(self._text, self._at)
        if nested is not None and (
            not depth or self._is_meant(nested[1], _known_name(nested[1]), at=self._at)
        ):
            raise TextInvalid(
                f"“{self._text[self._at : self._at + 60]}” has a variable within a variable."
            )
        return self._literal(1)

    def _is_meant(self, name: str, known: str, *, at: int) -> bool:
        """Whether brackets there are a variable."""
        if known in SENDER_VARIABLES or is_lead_field(name):
            return True
        return known in self._columns and not any(at in span for span in self._confirmed)

    def _choice(self, depth: int) -> Choice:
        opened = self._at
        if depth == DEEPEST:
            raise TextInvalid(f"Choices are more than {DEEPEST} deep.")
        self._choices += 1
        number = self._choices
        options: list[tuple[Part, ...]] = []
        while not options or self._text[self._at] == "|":
            self._at += 1
            options.append(self._parts(depth=depth + 1))
            if self._at == len(self._text):
                raise self._senseless(opened)
        self._at += 1
        if len(options) == 1:
            raise self._senseless(opened)
        return Choice(number=number, options=tuple(options))

    def _senseless(self, at: int) -> TextInvalid:
        around = self._text[max(0, at - 10) : at + 20]
        return TextInvalid(
            f"“{around}” has a brace that belongs neither to a variable such as"
            " {{first_name}} nor to a choice such as {Hi|Hello}."
        )


@lru_cache(maxsize=1_024)
def _as_written(literal: str) -> re.Pattern[str]:
    """What finds it in a text: in any white space, and with bars as a choice has them."""
    words = (
        "".join(rf"\\?{re.escape(each)}" if each in "|\\" else re.escape(each) for each in word)
        for word in literal.split()
    )
    return re.compile(r"\s+".join(words))


def _decides(name: str) -> bool:
    """Whether a name is logic of another language of templates."""
    goes_on = _GOES_ON.fullmatch(name.strip())
    return _LOGIC.search(name) is not None or (goes_on is not None and is_lead_field(goes_on[1]))


def _refuse_filters(tail: str, whole: str) -> None:
    """Refuse what Liquid would do with the value, which nobody does here."""
    for piece in tail.split("|"):
        word = _FILTER.fullmatch(piece)
        if word is not None and _is_filter(word[1].casefold(), word[2]):
            raise TextInvalid(
                f"“{whole}” has the filter “{word[1]}”, which is unknown here; a fallback is"
                " written {{first_name|there}} or {{first_name | default: 'there'}}."
            )
    if "|" in tail:
        raise TextInvalid(f"“{whole}” has more than one fallback.")
    if _QUOTED.fullmatch(tail):
        raise TextInvalid(f"“{whole}” has its fallback in quotes, which would be sent with it.")


def _is_filter(word: str, sign: str | None) -> bool:
    """Whether a word is a filter's name; one with an underscore is nobody's fallback."""
    return word in _FILTERS or sign == ":" or "_" in word.strip("_")


def literals(parts: tuple[Part, ...]) -> Iterator[str]:
    """What a text says of itself, in every option, and what stands in for its variables."""
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Variable):
            yield part.fallback or ""
        else:
            for option in part.options:
                yield from literals(option)


def variables(parts: tuple[Part, ...]) -> Iterator[Variable]:
    """The variables of a text, in every option, in order."""
    for part in parts:
        if isinstance(part, Variable):
            yield part
        elif isinstance(part, Choice):
            for option in part.options:
                yield from variables(option)


def _add(parts: list[Part], said: list[str]) -> None:
    if said:
        parts.append("".join(said))
        said.clear()


def _known_name(name: str) -> str:
    of_sender = _SENDER.fullmatch(name)
    if of_sender is None:
        return variable_name(name)
    known = f"sender.{variable_name(of_sender[1])}"
    if known not in SENDER_VARIABLES:
        raise TextInvalid(
            f"“{name.strip()[:60]}” is not known of a sender;"
            " sender.first_name, sender.last_name and sender.full_name are."
        )
    return known
