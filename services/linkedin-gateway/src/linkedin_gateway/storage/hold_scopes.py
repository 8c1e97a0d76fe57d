"""The scopes of holds, as SQL on rows that have the columns of `actions`."""

from __future__ import annotations

from typing import assert_never

from linkedin_gateway.models import HoldScope


def subject(scope: HoldScope, alias: str) -> str:
    """What a hold of this scope names, if it covers a row."""
    match scope:
        case HoldScope.CAMPAIGN:
            return f"{alias}.campaign_id"
        case HoldScope.ACCOUNT:
            return f"{alias}.account_id"
        case HoldScope.ORGANIZATION:
            return f"{alias}.organization_id"
        case HoldScope.KIND:
            return f"{alias}.kind"
        case HoldScope.EVERYTHING:
            return "''"
        case _:
            assert_never(scope)


def holds_on(alias: str) -> str:
    """The key of each hold that would cover a row, as a list for VALUES or IN."""
    return ", ".join(f"('{scope.value}', {subject(scope, alias)})" for scope in HoldScope)
