"""What the contract, docs/security.md and the code say of who may use which RPC agree.

That every server keeps to it, for every RPC, kind of caller and own, foreign and unknown ids, is
asked in `test_refusals.py` of the border and in `test_strangers.py` of each service's integration
tests of what is behind it; `tests/access` is the question.
"""

import ast
from pathlib import Path

import pytest
from devstack.stack.keys import every_permission
from devstack.stack.services import SERVICES
from identity.roles import PERMISSIONS_BY_ROLE
from outreach.common.v1 import permission_pb2

from tests.access.expectations import TABLE, for_members, named, permissions, says
from tests.protos import methods

ROOT = Path(__file__).parents[1]


def test_the_page_says_what_a_role_may() -> None:
    """Page and code have the same table, and it has every permission that the contract names."""
    for_services = {
        each for method in methods() if not for_members(method) for each in permissions(method)
    }
    for_anyone = {
        each
        for method in methods()
        if says(method, permission_pb2.anyone)
        for each in permissions(method)
    }
    by_code = {role.value: set(each) for role, each in PERMISSIONS_BY_ROLE.items()}

    assert by_code == TABLE
    assert set().union(*TABLE.values()) | for_services | for_anyone == every_permission()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_named_where_it_calls(service: str) -> None:
    """What the contract lets a service use is what its code calls, neither less nor more."""
    names = [method.name for method in methods()]
    assert len(set(names)) == len(names), "two methods of one name cannot be told apart here"
    package = ROOT / "services" / service / "src"
    called = {
        node.value.func.attr
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Await)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in names
    }

    assert called == {method.name for method in methods() if service in named(method)}


def test_only_our_services_are_named() -> None:
    """A name that nobody has a key for would be a mistake to hear about."""
    assert set().union(*map(named, methods())) <= {*SERVICES}
    assert all(named(method) for method in methods() if not for_members(method))


@pytest.mark.parametrize("place", ["services", "libs"])
def test_whose_a_thing_is_is_asked_in_one_place(place: str) -> None:
    """No service compares organizations by itself: `servicekit.auth` does, for all of them.

    Each once had a rule of its own, and told of another's organization as of what is forbidden.
    """
    asking = {
        str(path.relative_to(ROOT))
        for path in (ROOT / place).rglob("src/**/*.py")
        if ".acts_for(" in path.read_text()
    }

    # Of a fault in the chain whoever verifies is told, and whose it is only if it is theirs.
    assert asking <= {
        "libs/servicekit/src/servicekit/auth.py",
        "libs/identity/src/identity/audit/servicer.py",
    }
