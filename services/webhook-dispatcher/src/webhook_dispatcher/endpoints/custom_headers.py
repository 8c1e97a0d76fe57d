"""The headers that a customer has us send along. Pure."""

from collections.abc import Mapping

from webhook_dispatcher.http.sent_headers import is_ours

_NAME_CHARACTERS = frozenset(
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""What says how one connection carries a request (RFC 9110, 7.6.1)."""
_TRANSFER = frozenset(["content-encoding", "content-length", "cookie", "expect", "host"])
"""What decides how a request is read, and what is kept for nobody."""
_LONGEST_NAME, _LONGEST_VALUE = 100, 2000


def header_name_refusal(name: str) -> str:
    """Why a header of this name cannot be sent along; empty if it can."""
    if not name or len(name) > _LONGEST_NAME or not _NAME_CHARACTERS.issuperset(name):
        return f"is no name of a header of at most {_LONGEST_NAME} characters"
    lower = name.lower()
    if lower in _HOP_BY_HOP or lower in _TRANSFER:
        return "says how a request is transferred, which is not the receiver's to say"
    if is_ours(lower):
        return "is one that we send ourselves"
    return ""


def header_refusals(headers: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with headers, by their names; the values are never told."""
    refusals: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in headers.items():
        refusal = header_name_refusal(name)
        if not refusal and name.lower() in seen:
            refusal = "is there twice"
        if not refusal and (len(value) > _LONGEST_VALUE or not _is_value(value)):
            refusal = f"is not at most {_LONGEST_VALUE} visible ASCII characters and spaces"
        seen.add(name.lower())
        if refusal:
            refusals[name] = refusal
    return refusals


def _is_value(value: str) -> bool:
    """Visible ASCII and spaces, none of them at an end: no line ends in it, and nothing is lost."""
    return value == value.strip() and all(" " <= character <= "~" for character in value)
