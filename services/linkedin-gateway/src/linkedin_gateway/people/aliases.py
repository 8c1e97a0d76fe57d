"""What a person is called by, and what follows from it. Pure.

An address and a member number mean the same person to everybody. An id of the provider is valid
for the account that was given it, in the product whose id it is: another account, and another
product, are given others for the same person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from servicekit.tables import total

from linkedin_gateway.models import Product, is_provider_id, person_key


class AliasKind(StrEnum):
    """In which way a person is called."""

    ADDRESS = "address"
    """The last part of the address of their profile; it can change hands."""
    PROVIDER_ID = "provider_id"
    MEMBER_URN = "member_urn"
    """A bare number, as profiles show it."""
    FSD_PROFILE = "fsd_profile"
    """`urn:li:fsd_profile:…`, as relations show it."""


_PREFIXES = total(
    Product,
    {
        Product.CLASSIC: ("ACo", "ADo"),
        Product.SALES_NAVIGATOR: ("ACw",),
        Product.RECRUITER: ("AE",),
    },
)
_FSD_PROFILE = "urn:li:fsd_profile:"
_MEMBER = "urn:li:member:"


@dataclass(frozen=True, kw_only=True, order=True)
class Alias:
    """One thing that a person is called by."""

    kind: AliasKind
    value: str
    viewer_account_id: str = ""
    """Whose it is; empty where it means the same to everybody."""
    product: str = ""
    """Of an id of the provider: the product."""


def product_of(provider_id: str) -> Product | None:
    """Whose product's an id is; None if of none that is known."""
    for product, prefixes in _PREFIXES.items():
        if provider_id.startswith(prefixes):
            return product
    return None


def is_acting_id(provider_id: str) -> bool:
    """Whether actions can be aimed at it: ids of other products are for reading only."""
    return product_of(provider_id) in {Product.CLASSIC, None}


def alias_of(identifier: str, account_id: str) -> Alias:
    """What a caller calls a person, whose action is asked of an account."""
    return (
        provider_alias(identifier, account_id)
        if is_provider_id(identifier)
        else address(identifier)
    )


def address(public_identifier: str) -> Alias:
    """The address of somebody's profile."""
    return Alias(kind=AliasKind.ADDRESS, value=person_key(public_identifier))


def provider_alias(provider_id: str, account_id: str) -> Alias:
    """The id by which an account knows somebody."""
    product = product_of(provider_id)
    return Alias(
        kind=AliasKind.PROVIDER_ID,
        value=provider_id,
        viewer_account_id=account_id,
        product=product.value if product is not None else "",
    )


def urn_alias(urn: str, account_id: str) -> Alias | None:
    """A `member_urn` in either of its two forms; None if it is neither."""
    text = urn.strip()
    if text.startswith(_FSD_PROFILE) and text != _FSD_PROFILE:
        return Alias(
            kind=AliasKind.FSD_PROFILE,
            value=text.removeprefix(_FSD_PROFILE),
            viewer_account_id=account_id,
        )
    number = text.removeprefix(_MEMBER)
    if number.isascii() and number.isdecimal():
        return Alias(kind=AliasKind.MEMBER_URN, value=number.lstrip("0") or "0")
    return None


def shown(
    account_id: str, *, provider_id: str = "", public_identifier: str = "", urn: str = ""
) -> tuple[Alias, ...]:
    """Everything that an account was shown of one person, in one order."""
    found = {urn_alias(urn, account_id)} if urn else set()
    if provider_id:
        found.add(provider_alias(provider_id, account_id))
    if public_identifier:
        found.add(address(public_identifier))
    return tuple(sorted(alias for alias in found if alias is not None))


def contradicts(known: Iterable[Alias], seen: Iterable[Alias]) -> bool:
    """Whether what is seen cannot be the person of whom something is known already.

    Names change and change hands; a member's number does not, nor does the id by which one
    account knows somebody in one product. The number has the last word.
    """
    known, seen = set(known), set(seen)
    for kind in (AliasKind.MEMBER_URN, AliasKind.PROVIDER_ID):
        answer = _contradicts(kind, known, seen)
        if answer is not None:
            return answer
    return False


def _contradicts(kind: AliasKind, known: set[Alias], seen: set[Alias]) -> bool | None:
    """What aliases of one kind say; None if they say nothing."""
    scopes = {
        (each.viewer_account_id, each.product): each.value for each in seen if each.kind is kind
    }
    had: dict[tuple[str, str], set[str]] = {}
    for each in known:
        scope = (each.viewer_account_id, each.product)
        if each.kind is kind and scope in scopes:
            had.setdefault(scope, set()).add(each.value)
    if not had:
        return None
    return any(scopes[scope] not in values for scope, values in had.items())


# --- what people write -------------------------------------------------------------------

_PAGE = re.compile(
    r"(?:^/?|linkedin\.com/)(in|pub|sales/lead|sales/people|talent/profile)/(.+)", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"^[a-z]+:|linkedin\.com|^www\.", re.IGNORECASE)
_END = re.compile(r"[?#,\s\"]")
_IDENTIFIER = re.compile(r"[^\s/?#@:<>\"]{2,150}")
_NOBODY = frozenset({"in", "pub", "me", "edit", "unavailable", "null", "none", "undefined"})
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_PARTS_OF_OLD_ADDRESS = 4


def identifier_of(text: str) -> str:
    """Whom somebody means by an address in whatever form, `in/x`, `@x` or an id; else nothing."""
    plain = _visible(unquote(text)).strip().removeprefix("@")
    page = _PAGE.search(plain)
    if page is not None:
        named = _name(page[1].lower(), _END.split(page[2], maxsplit=1)[0].strip("/").split("/"))
    elif _ELSEWHERE.search(plain):
        return ""
    else:
        named = plain.strip("/")
    named = named.rstrip(".,;)>]'")
    identifier = person_key(named if is_provider_id(named) else named.translate(_DASHES))
    if not _IDENTIFIER.fullmatch(identifier) or identifier in _NOBODY:
        return ""
    return identifier


def _name(page: str, parts: list[str]) -> str:
    """The name in the parts of a path; a prefix that stands twice counts once."""
    while len(parts) > 1 and parts[0].lower() == "in":
        parts = parts[1:]
    if page == "pub" and len(parts) == _PARTS_OF_OLD_ADDRESS:
        # `pub/ada-quill/1a/2b3/c4d` was `in/ada-quill-c4d2b31a` ever since.
        name, first, second, third = parts
        return f"{name}-{third}{second}{first}"
    return parts[0]


def _visible(text: str) -> str:
    """A text without what nobody sees: zero-width characters, marks of direction, controls."""
    return "".join(each for each in text if unicodedata.category(each) not in {"Cf", "Cc", "Cs"})
