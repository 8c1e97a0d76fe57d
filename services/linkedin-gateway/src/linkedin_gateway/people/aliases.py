"""What a person is called by, and what follows from it. Pure.

An address and a member number mean the same person to everybody. An id of the provider is valid
for the account that was given it, in the product whose id it is: another account, and another
product, are given others for the same person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

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


CHANGES_HANDS = total(
    AliasKind,
    {
        AliasKind.ADDRESS: True,
        AliasKind.PROVIDER_ID: False,
        AliasKind.MEMBER_URN: False,
        AliasKind.FSD_PROFILE: False,
    },
)
"""Whether what calls one person so can come to call another."""
_SAYS_WHO = total(
    AliasKind,
    {
        AliasKind.MEMBER_URN: 1,
        AliasKind.PROVIDER_ID: 2,
        # Relations show it and profiles do not: there is none to compare it with.
        AliasKind.FSD_PROFILE: None,
        AliasKind.ADDRESS: None,
    },
)
"""Which kinds tell two people apart, the most certain first; None if it does not."""
_TELLING = [
    kind for _, kind in sorted((rank, kind) for kind, rank in _SAYS_WHO.items() if rank is not None)
]
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
    suppression_key: str = field(default="", compare=False)
    """As it is kept: the hash by which suppressions find whoever is called so."""


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
    for kind in _TELLING:
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
