"""Whose holds a caller may see."""

import contextvars

import pytest
from linkedin_gateway.access import visible_organization
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
