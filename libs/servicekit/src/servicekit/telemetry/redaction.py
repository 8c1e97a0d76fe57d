"""What a log line must not hold, blanked: by its name, by its looks, and because it is known.

Names are those of fields, headers, parameters and assignments, however they are spelt
(`X-Api-Key`, `accessToken`, `li_at`). In doubt a value is blanked: a line that says too little
is read again with its trace, a password that was written stays written.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

from pydantic import SecretStr
from structlog.typing import EventDict, WrappedLogger

REDACTED = "[redacted]"

_DEEPEST = 20
_SHORTEST_SECRET = 8
"""Characters; a shorter known value would blank what is none."""

_NAMES = (
    r"token|secret|pass(?:word|wd|phrase)|pwd|authorization|cookie|credential|signature|session_?id"
    r"|(?:api|private|access|signing)[ _-]?key|li[_-]at|jwt|otp"
)
_HINTS = (
    *("token", "secret", "pass", "pwd", "authorization", "cookie", "credential", "sig", "session"),
    *("key", "li_at", "li-at", "jwt", "otp", "bearer", "basic", "://", "eyj", "aqe"),
)
"""What every text has in it, in lower case, that one of the expressions finds something in."""
_FIELD = re.compile(rf"(?:^|_)(?:{_NAMES})s?(?:_|$)")
# `name=value`, `name: value`, `"name": "value"`, the quotes escaped once or not at all. What
# a header of several parts is given goes to the end of the line.
_WHOLE_LINE = re.compile(
    r"(?i)(?P<keep>\b[\w-]*(?:cookie|authorization)s?\b\\*[\"']?\s*[:=]\s*\\*)(?P<quote>[\"']?)"
    r"(?!\[redacted)[^\r\n\"']+"
)
_ASSIGNMENT = re.compile(
    rf"(?i)(?P<keep>(?<![\w-])[\w-]*(?:{_NAMES})s?(?![a-z])[\w-]*\\*[\"']?\s*[:=]\s*\\*)"
    r"(?:\"(?:[^\"\\]|\\[^\"])*|'(?:[^'\\]|\\[^'])*|(?!\[redacted|SecretStr)[^\s\"',;&)}\]<>\\]+)"
)
_LOOKS = (
    # The password of a URL.
    (re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]+@"), rf"\g<keep>:{REDACTED}@"),
    # The parameters of a URL that is signed: who has it may do what it says.
    (
        re.compile(
            r"(?i)(?P<keep>\bhttps?://[^\s?\"'<>]+\?)"
            r"(?=[^\s\"'<>]*\b(?:sig|sign|signature|hmac|x-\w+-signature|key-pair-id|t|auth|ticket)=)"
            r"[^\s\"'<>]+"
        ),
        rf"\g<keep>{REDACTED}",
    ),
    # A bearer token, other credentials of a header, a JSON web token, a session cookie.
    (re.compile(r"(?i)(?P<keep>\b(?:Bearer|Basic))\s+[\w.~+/=-]{6,}"), rf"\g<keep> {REDACTED}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), REDACTED),
    (re.compile(r"\bAQE[A-Z][\w-]{20,}"), REDACTED),
)


class Redactor:
    """A processor that blanks secrets in an event, at any depth.

    `known` are values that are secrets, whatever they look like: those of the settings.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: list[str] = []
        self.know(known)

    def know(self, secrets: Iterable[str]) -> None:
        """Blank these as well from now on."""
        long = {value for value in secrets if len(value) >= _SHORTEST_SECRET}
        # The longest first: one may be a part of another.
        self._known = sorted({*self._known, *long}, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return cast("EventDict", self._value(event, _DEEPEST))

    def text(self, text: str) -> str:
        """The text without what it must not hold."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, REDACTED)
        lowered = text.lower()
        if not any(hint in lowered for hint in _HINTS):
            return text
        for looks, instead in _LOOKS:
            text = looks.sub(instead, text)
        text = _WHOLE_LINE.sub(rf"\g<keep>\g<quote>{REDACTED}", text)
        return _ASSIGNMENT.sub(_blanked, text)

    def _value(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, SecretStr):
            return REDACTED
        if depth and isinstance(value, Mapping):
            return {self._name(name): self._item(name, value[name], depth) for name in value}
        if depth and isinstance(value, list | tuple | set | frozenset):
            return [self._pair(item, depth) for item in value]
        return self.text(_shown(value))

    def _name(self, name: Any) -> Any:
        return self.text(name) if isinstance(name, str) else name

    def _item(self, name: Any, value: Any, depth: int) -> Any:
        if value is not None and is_secret_name(name):
            return REDACTED
        return self._value(value, depth - 1)

    def _pair(self, item: Any, depth: int) -> Any:
        """An item of a list; headers come as pairs of a name and a value."""
        match item:
            case (str() | bytes() as name, value) if is_secret_name(name):
                return [self._value(name, depth - 1), self._item(name, value, depth)]
        return self._value(item, depth - 1)


def is_secret_name(name: Any) -> bool:
    """Whether what has this name is a secret, in whichever way the name is spelt."""
    if isinstance(name, bytes):
        name = name.decode(errors="replace")
    return isinstance(name, str) and _is_secret_name(name)


@lru_cache(maxsize=4096)
def _is_secret_name(name: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
    return _FIELD.search(words) is not None


def _shown(value: Any) -> str:
    """What a renderer would make of a value that is neither text nor number."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, BaseException):
        return repr(value)
    return str(value)


def _blanked(found: re.Match[str]) -> str:
    """An assignment less its value, with the quote that opened it."""
    opening = found[0][len(found["keep"]) :][:1]
    return found["keep"] + (opening if opening in {'"', "'"} else "") + REDACTED
