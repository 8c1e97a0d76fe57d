"""Where LinkedIn stops an account."""

import pytest
from starlette.datastructures import QueryParams
from unipile_simulator.accounts.limits import Budget, budget_of
from unipile_simulator.api.calls import Call
from unipile_simulator.config import Limits
from unipile_simulator.journal import CallKind, Entry
from unipile_simulator.world.world import World


def call_of(kind: CallKind | None, budget: str | None) -> Call:
    entry = Entry(received_at=0.0, method="POST", path="/", kind=kind, budget=budget)
    return Call(
        world=World(), path={}, query=QueryParams(), body={}, form=None, entry=entry, base_url=""
    )


def test_only_withdrawals_and_webhooks_are_unlimited() -> None:
    """Every other kind of call is counted against something."""
    unlimited = {kind for kind in CallKind if budget_of(kind) is None}

    assert unlimited == {CallKind.WITHDRAW, CallKind.WEBHOOK}


@pytest.mark.parametrize("budget", Budget)
def test_every_budget_has_a_limit(budget: Budget) -> None:
    """No budget is counted in vain: with limits on, a premium or a free account has a ceiling."""
    world = World()
    states = [
        world.budgets.state(world.add_account(tier=tier), world.clock.now())
        for tier in ("premium", "free")
    ]

    limits = [
        state["of"]
        for account in states
        for name, state in account.items()
        if name.startswith(f"{budget}/")
    ]

    assert any(limits)
    assert set(limits) - {None} <= set(vars(Limits()).values())


def test_a_call_that_was_not_counted_is_a_bug() -> None:
    """A kind of call that forgets its limit is not unlimited in silence."""
    with pytest.raises(LookupError, match="invite was not counted against invitations"):
        call_of(CallKind.INVITE, "messages").require_spent()


@pytest.mark.parametrize(
    ("kind", "budget"),
    [
        (CallKind.INVITE, "invitations+noted_invitations"),
        (CallKind.WITHDRAW, None),
        (None, None),
    ],
)
def test_what_was_counted_or_needs_no_limit_goes(kind: CallKind | None, budget: str | None) -> None:
    """A counted call, one without a limit and a mere read are all in order."""
    call = call_of(kind, budget)

    call.require_spent()

    assert call.entry.budget == budget
