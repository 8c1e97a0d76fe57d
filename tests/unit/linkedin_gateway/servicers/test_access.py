"""Whose holds a caller may see."""

import contextvars

import pytest
from linkedin_gateway.servicers.access import visible_organization
from linkedin_gateway.servicers.permissions import permission_of
from servicekit.auth import Caller, OrganizationForbidden, set_caller


def seen_by(caller: Caller) -> str:
    def ask() -> str:
        set_caller(caller)
        return visible_organization()

    return contextvars.copy_context().run(ask)


def test_whose_things_are_seen() -> None:
    """A caller of an organization sees its own, our own services all, others nothing."""
    assert seen_by(Caller("ada", "org_1", frozenset({"*"}))) == "org_1"
    assert seen_by(Caller("campaign-api", "", frozenset({"*"}))) == ""
    with pytest.raises(OrganizationForbidden):
        seen_by(Caller("nobody", "", frozenset({"holds.read"})))


def test_registering_is_for_operators() -> None:
    """Whoever connects accounts of their own cannot bind any that Unipile has."""
    service = "/outreach.linkedin.v1.LinkedInService"

    assert permission_of(f"{service}/ConnectAccount") == "accounts.write"
    assert permission_of(f"{service}/RegisterAccount") == "accounts.register"
