"""servicekit.auth: what is whose to see."""

import pytest
from servicekit.auth import (
    Caller,
    CallerKind,
    OrganizationForbidden,
    TokenInvalid,
    current_caller,
    set_caller,
    visible_organization,
)


@pytest.mark.parametrize(
    ("caller", "allowed"),
    [
        (Caller("ada", "org_north", frozenset({"things.read"})), True),
        (Caller("ada", "org_south", frozenset({"*"})), False),
        (Caller("service", kind=CallerKind.SERVICE), True),
        (Caller("staff", kind=CallerKind.OPERATOR), True),
        (Caller("nobody", "", frozenset({"things.read"})), False),
        (Caller("nobody", "", frozenset({"*"})), False),
        (Caller("anonymous", "", kind=CallerKind.ANYONE), True),
        (Caller("anonymous", "org_south", kind=CallerKind.ANYONE), False),
    ],
)
def test_who_acts_for_an_organization(caller: Caller, *, allowed: bool) -> None:
    """Its own callers, our services and our staff; a star opens nothing."""
    assert caller.acts_for("org_north") is allowed
    assert caller.acts_for_all is (allowed and not caller.organization_id)


@pytest.mark.parametrize("kind", [CallerKind.MEMBER, CallerKind.ANYONE])
def test_nothing_without_an_organization_is_anybodys(kind: CallerKind) -> None:
    """What names no organization belongs to no caller who acts for one, or for none."""
    assert not Caller("ada", "org_north", kind=kind).acts_for("")
    assert not Caller("nobody").acts_for("")


def test_outside_a_call_there_is_no_caller() -> None:
    """Asking who calls where nobody does is refused, not answered with anyone."""
    with pytest.raises(TokenInvalid):
        current_caller()


async def test_what_is_listed_is_the_callers() -> None:
    """Everything for our services, one organization's for its members, nothing for nobody."""
    set_caller(Caller("service", kind=CallerKind.SERVICE))
    assert visible_organization() == ""
    set_caller(Caller("ada", "org_north"))
    assert visible_organization() == "org_north"
    set_caller(Caller("nobody"))
    with pytest.raises(OrganizationForbidden):
        visible_organization()
