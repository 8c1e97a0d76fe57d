"""Whose holds a caller may see."""

import contextvars

import pytest
from linkedin_gateway.servicers.access import visible_organization
from outreach.common.v1 import permission_pb2
from outreach.linkedin.v1 import account_service_pb2, sign_in_service_pb2
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
    connecting = sign_in_service_pb2.DESCRIPTOR.services_by_name["SignInService"]
    keeping = account_service_pb2.DESCRIPTOR.services_by_name["AccountService"]

    permissions = {
        method.name: method.GetOptions().Extensions[permission_pb2.permission]
        for method in (*connecting.methods, *keeping.methods)
    }

    assert permissions["ConnectAccount"] == "accounts.write"
    assert permissions["RegisterAccount"] == "accounts.register"
