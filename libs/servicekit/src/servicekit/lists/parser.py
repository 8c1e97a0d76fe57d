"""Filters by the grammar of AIP-160. Pure.

As there, OR binds more tightly than AND, and what stands side by side is meant together. Three
things differ, each because a list can serve no more: a value needs a field (`"Ada"` alone asks for
nothing), there are no functions, and a value is one word or one text in quotation marks, which may
hold a colon: an instant needs no marks.

What is read is bounded in length, depth and number of comparisons, so that no filter costs more
than a request of its size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from servicekit.lists.errors import FilterInvalid, FilterNotSupported
from servicekit.lists.expressions import EVERYTHING, And, Expression, Not, Operator, Or, Restriction

LONGEST = 2000
DEEPEST = 20
MOST_RESTRICTIONS = 50

_SPACE = re.compile(r"[ \t\r\n\f]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
_OPERATOR = re.compile(r"<=|>=|!=|<|>|=|:")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
_WORD = re.compile(r"[^\s()\"',<>=!]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_KEYWORDS = frozenset({"AND", "OR", "NOT"})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def parse(text: str) -> Expression:
    """The tree of a filter; an empty one holds for everything.

    Raises `FilterInvalid`, which says where, and `FilterNotSupported` for what the grammar allows
    and no list serves.
    """
    if len(text) > LONGEST:
        raise FilterInvalid(f"A filter has at most {LONGEST} characters.", at=LONGEST)
    if unstorable := _UNSTORABLE.search(text):
        raise FilterInvalid("A filter holds no such character.", at=unstorable.start())
    return _Parser(text).whole()


class _Parser:
    """Where reading has come to."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._read = 0
        self._skip_space()

    def whole(self) -> Expression:
        if self._ended():
            return EVERYTHING
        expression = self._expression(depth=0)
        if not self._ended():
            raise FilterInvalid(f"Nothing opens what {self._next()} closes.", at=self._at)
        return expression

    def _expression(self, *, depth: int) -> Expression:
        """Sequences, with AND between them."""
        parts = [*self._sequence(depth=depth)]
        while self._took_keyword("AND"):
            parts += self._sequence(depth=depth)
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _sequence(self, *, depth: int) -> Sequence[Expression]:
        """Factors, side by side."""
        factors = [self._factor(depth=depth)]
        while not self._ended() and not self._sees(")") and not self._sees_keyword("AND"):
            factors.append(self._factor(depth=depth))
        return factors

    def _factor(self, *, depth: int) -> Expression:
        """Terms, with OR between them."""
        terms = [self._term(depth=depth)]
        while self._took_keyword("OR"):
            terms.append(self._term(depth=depth))
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _term(self, *, depth: int) -> Expression:
        if self._took_keyword("NOT") or self._took("-"):
            return Not(self._simple(depth=depth))
        return self._simple(depth=depth)

    def _simple(self, *, depth: int) -> Expression:
        opened = self._at
        if not self._took("("):
            return self._restriction()
        if depth == DEEPEST:
            raise FilterInvalid(f"Parentheses go at most {DEEPEST} deep.", at=opened)
        held = self._expression(depth=depth + 1)
        if not self._took(")"):
            raise FilterInvalid("This parenthesis is never closed.", at=opened)
        return held

    def _restriction(self) -> Restriction:
        at = self._at
        name = self._name()
        if self._sees("("):
            raise FilterNotSupported(f"There are no functions, such as {name}.", served={})
        operator = _OPERATOR.match(self._text, self._at)
        if operator is None:
            told = f"{name} is compared with nothing: a filter says as in name = value."
            raise FilterInvalid(told, at=self._at)
        self._move_to(operator.end())
        value, quoted = self._value()
        self._read += 1
        if self._read > MOST_RESTRICTIONS:
            raise FilterInvalid(f"A filter has at most {MOST_RESTRICTIONS} comparisons.", at=at)
        return Restriction(name, Operator(operator[0]), value, quoted, at)

    def _name(self) -> str:
        name = _NAME.match(self._text, self._at)
        if name is None or name[0] in _KEYWORDS:
            told = f"The name of a field is expected, not {self._next()}."
            raise FilterInvalid(told, at=self._at)
        self._move_to(name.end())
        return name[0]

    def _value(self) -> tuple[str, bool]:
        """What a field is compared with, and whether it stood in quotation marks."""
        if text := _TEXT.match(self._text, self._at):
            self._move_to(text.end())
            return _ESCAPED.sub(r"\1", text[1] if text[1] is not None else text[2]), True
        word = _WORD.match(self._text, self._at)
        if word is None or word[0] in _KEYWORDS:
            if self._sees("("):
                told = "A field is compared with one value: name each, with OR between them."
                raise FilterNotSupported(told, served={})
            told = "This quotation is never closed."
            if not (self._sees('"') or self._sees("'")):
                told = f"A value is expected, not {self._next()}."
            raise FilterInvalid(told, at=self._at)
        self._move_to(word.end())
        return word[0], False

    def _ended(self) -> bool:
        return self._at == len(self._text)

    def _sees(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _sees_keyword(self, keyword: str) -> bool:
        name = _NAME.match(self._text, self._at)
        return name is not None and name[0] == keyword

    def _took(self, text: str) -> bool:
        if not self._sees(text):
            return False
        self._move_to(self._at + len(text))
        return True

    def _took_keyword(self, keyword: str) -> bool:
        return self._sees_keyword(keyword) and self._took(keyword)

    def _next(self) -> str:
        """What stands where reading has come to, for a sentence."""
        return f"“{self._text[self._at]}”" if not self._ended() else "the end"

    def _move_to(self, at: int) -> None:
        self._at = at
        self._skip_space()

    def _skip_space(self) -> None:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
