"""Provider ids: one for each viewing account and each of LinkedIn's products."""

from __future__ import annotations

import base64
import re
from enum import StrEnum

from unipile_simulator.dice import Dice

_SALT = 17
"""Bytes after the member number: with its eight they make 34 characters."""
_MEANT = re.compile(r"(?:AC[ow]A|AEM?A)[\w\-]{16,}")


class Product(StrEnum):
    """A face of LinkedIn, with ids and an inbox of its own."""

    CLASSIC = "classic"
    SALES_NAVIGATOR = "sales_navigator"
    RECRUITER = "recruiter"


PREFIXES: dict[Product, str] = {
    Product.CLASSIC: "ACoAA",
    Product.SALES_NAVIGATOR: "ACwAA",
    Product.RECRUITER: "AEMAA",
}
_SHAPES = {
    product: re.compile(rf"{prefix[:4]}[\w\-]{{35}}") for product, prefix in PREFIXES.items()
}
if PREFIXES.keys() != set(Product):
    raise LookupError("every product has ids of its own")


def encode(dice: Dice, member_id: int, account_id: str, product: Product) -> str:
    """The id by which an account knows a member in a product."""
    keys: tuple[object, ...] = ("provider", account_id, member_id)
    if product is not Product.CLASSIC:
        keys = (*keys, product)
    raw = member_id.to_bytes(8, "big") + dice.bytes(_SALT, *keys)
    return PREFIXES[product] + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def member_of(provider_id: str) -> int | None:
    """The member number inside an id, whoever was given it."""
    product = product_of(provider_id)
    if product is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(provider_id[len(PREFIXES[product]) :] + "==")
    except ValueError:
        return None
    return int.from_bytes(raw[:8], "big")


def product_of(provider_id: str) -> Product | None:
    """The product whose id this is; `None` when it has the shape of none."""
    for product, shape in _SHAPES.items():
        if shape.fullmatch(provider_id):
            return product
    return None


def looks_like_provider_id(text: str) -> bool:
    """Whether this is meant as a provider id of any product, well-formed or not."""
    return _MEANT.match(text) is not None
