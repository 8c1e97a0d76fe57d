"""An InMail to a person who is not connected; it costs a credit, or needs an open profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from servicekit.tables import total

from linkedin_gateway.errors import action_failed
from linkedin_gateway.kinds.action_kind import Known, NotFoundMeans, Ports, Verification, Write
from linkedin_gateway.kinds.limits import PerWindow, by_tier
from linkedin_gateway.kinds.message import DIRECT_MESSAGES, find_text, send_text
from linkedin_gateway.kinds.targets import (
    Impossible,
    NeedsLookup,
    Resolution,
    Resolved,
    fresh,
    target_of,
)
from linkedin_gateway.models import Kind, Product, Target, Tier

_CREDITS_IN_BALANCE = total(
    Product,
    {
        Product.CLASSIC: "premium",
        Product.SALES_NAVIGATOR: "sales_navigator",
        Product.RECRUITER: "recruiter",
    },
)
"""What the balance calls the credits of a product; the first that has any is used."""


def _resolve(known: Known) -> Resolution:
    profile = known.profile
    if profile is None or not profile.provider_id or not fresh(profile, known.now):
        return NeedsLookup()
    if profile.connected or profile.open_profile:
        return Resolved(target=target_of(profile))
    if known.account.tier is Tier.FREE:
        return Impossible(reason="FEATURE_NOT_SUBSCRIBED")
    prepared = known.prepared
    if prepared is None:
        # The credit is looked up right before it is spent.
        return NeedsLookup()
    target = target_of(profile)
    return Resolved(
        target=replace(target, product=prepared.product, product_id=prepared.product_id)
    )


async def _prepare(known: Known, ports: Ports) -> Target:
    account, profile = known.account, known.profile
    if profile is None or not profile.provider_id or not fresh(profile, known.now):
        seen = await ports.reads.look_up(account, known.request.person)
        provider_id, costs_nothing = seen.provider_id, seen.connected or seen.open_profile
    else:
        provider_id, costs_nothing = profile.provider_id, profile.connected or profile.open_profile
    if costs_nothing or account.tier is Tier.FREE:
        return Target(provider_id=provider_id)
    product = _with_credit(await ports.unipile.accounts.inmail_balance(account.unipile_account_id))
    product_id = ""
    if product is not Product.CLASSIC:
        product_id = await ports.reads.product_id(account, known.request.person, product)
    return Target(provider_id=provider_id, product=product, product_id=product_id)


def _with_credit(balance: Mapping[str, object]) -> Product:
    """The first product that has a credit left; an InMail goes by the inbox whose credit it costs.

    Raises `ActionFailed` (INMAIL_CREDITS_EXHAUSTED) when none has.
    """
    for product, name in _CREDITS_IN_BALANCE.items():
        left = balance.get(name)
        if isinstance(left, int | float) and left > 0:
            return product
    raise action_failed("INMAIL_CREDITS_EXHAUSTED")


INMAIL = Write(
    kind=Kind.INMAIL,
    public=True,
    request_field="send_inmail",
    ceiling=50,
    # A week's are those that it shares with messages.
    caps=by_tier(PerWindow(hour=5, day=20, week=None)),
    budget=DIRECT_MESSAGES,
    priority=1,
    reply_priority=1,
    cool_down=timedelta(hours=2),
    contacts=True,
    looks_for_reply=True,
    makes_message=True,
    longest_text=1900,
    longest_subject=200,
    prepared_by=Kind.LOOKUP,
    resolve=_resolve,
    prepare=_prepare,
    send=send_text,
    verification=Verification(look=find_text, gone_is_inconclusive=True),
    absent=NotFoundMeans.PERSON,
)
