"""Who may use which RPC: every method of the contract by every kind of caller.

What is expected is read from the contract's options, and from the tables of callers and of roles
in docs/security.md, by this test itself; what a role's token carries is what the issuer's code
gives it. Whose things a caller then sees is the matter of `test_strangers.py` of each service
(`tests/contracts/organizations.py`), for every RPC and own, foreign and unknown ids.
"""

import ast
import base64
import re
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys, every_permission
from devstack.stack.services import SERVICES
from google.protobuf.descriptor import MethodDescriptor
from identity.access import ACCESS_OF
from identity.roles import PERMISSIONS_BY_ROLE, Role
from outreach.common.v1 import permission_pb2
from prometheus_client import CollectorRegistry
from servicekit.errors import FailedPrecondition
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

from tests.fuzzing.calls import ask
from tests.protos import methods, services

ROOT = Path(__file__).parents[1]
SERVER = "campaign-api"
REACHED = grpc.StatusCode.FAILED_PRECONDITION
DENIED = grpc.StatusCode.PERMISSION_DENIED
UNKNOWN = grpc.StatusCode.UNAUTHENTICATED


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


@pytest.fixture
async def channel(keys: Keys) -> AsyncIterator[grpc.aio.Channel]:
    """A server with every service of the contract, whose methods say that they were reached."""
    identity = Identity.of_server(
        ServiceSettings(**keys.settings(SERVER)), service=SERVER, sandbox=False, calls=True
    )
    server = GrpcServer(
        interceptors=[
            standard_interceptor(
                CollectorRegistry(), authenticator=identity.authenticator, access_of=ACCESS_OF
            )
        ]
    )
    for service in services():
        module: Any = import_module(
            service.file.name.removesuffix(".proto").replace("/", ".") + "_pb2_grpc"
        )
        add = getattr(module, f"add_{service.name}Servicer_to_server")
        does_nothing = dict.fromkeys((method.name for method in service.methods), _reached)
        server.add(add, type(service.name, (), does_nothing)())
    async with server, grpc.aio.insecure_channel(server.address) as channel:
        yield channel


async def _reached(*_: Any) -> None:
    raise FailedPrecondition


async def code(channel: grpc.aio.Channel, method: MethodDescriptor, token: str) -> grpc.StatusCode:
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await ask(channel, method, [b""], metadata=metadata)
    return refused.value.code()


def permission(method: MethodDescriptor) -> str:
    return str(method.GetOptions().Extensions[permission_pb2.permission])


def named(method: MethodDescriptor) -> set[str]:
    """The services that may use it."""
    return {*method.GetOptions().Extensions[permission_pb2.services]}


def says(method: MethodDescriptor, option: Any) -> bool:
    return bool(method.GetOptions().Extensions[option])


def table() -> dict[str, set[str]]:
    """The permissions of each role, as docs/security.md has them."""
    page = (ROOT / "docs/security.md").read_text()
    head, _, *rows = re.findall(r"^\|.*\|$", page.partition("## Roles\n")[2], re.MULTILINE)
    _, *roles = cells(head)
    given: dict[str, set[str]] = {role: set() for role in roles}
    for row in rows:
        permission, *marks = cells(row)
        if len(marks) != len(roles):
            break
        for role, mark in zip(roles, marks, strict=True):
            assert mark in {"yes", "no"}, row
            if mark == "yes":
                given[role].add(permission.strip("`"))
    return given


def cells(row: str) -> list[str]:
    return [each.strip() for each in row.strip("|").split("|")]


TABLE = table()
ALL = sorted(every_permission())
STRANGERS: dict[str, Callable[[Keys, Path], str]] = {
    "no token": lambda _, __: "",
    "not signed": lambda _, __: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
    "brackets": lambda _, __: base64.urlsafe_b64encode(b"[" * 20_000).decode() + ".e30.x",
    "another's key": lambda _, other: Keys(other).operator(),
    "expired": lambda keys, _: keys.token(operator=True, permissions=ALL, iat=1, exp=600),
    "endless": lambda keys, _: keys.token(operator=True, permissions=ALL, exp=4_000_000_000),
    "foreign issuer": lambda keys, _: keys.token(operator=True, permissions=ALL, iss="somebody"),
    "wrong audience": lambda keys, _: keys.token(operator=True, permissions=ALL, aud="something"),
    "nobody's name": lambda keys, _: keys.token(operator=True, permissions=ALL, sub=""),
    **{
        f"{name}'s token for another service": (
            lambda keys, _, name=name: keys.service(name, audience="somewhere-else")()  # type: ignore[misc]
        )
        for name in SERVICES
    },
}


# --- The matrix ---------------------------------------------------------------------


Token = Callable[[MethodDescriptor], str]
Expected = Callable[[MethodDescriptor], grpc.StatusCode]


def matrix(keys: Keys, others: Path) -> dict[str, tuple[Token, Expected]]:
    """Every kind of caller: the token for a method, and what is expected of it."""
    rows: dict[str, tuple[Token, Expected]] = {}

    def add(name: str, token: Token, opens: Callable[[MethodDescriptor], bool]) -> None:
        rows[name] = token, lambda method: REACHED if opens(method) else DENIED

    for name, make in STRANGERS.items():
        made = make(keys, others / re.sub(r"\W", "-", name))
        rows[f"stranger: {name}"] = (lambda _, made=made: made), lambda _: UNKNOWN
    for carried in ([], ["*"]):
        nothing = keys.token(org="org_1", permissions=carried)
        add(f"carries {carried}", lambda _, made=nothing: made, lambda _: False)

    everything = keys.token(org="org_1", permissions=ALL)
    limited = keys.token(org="org_1", permissions=ALL, accounts=["acct_other"])
    add("carries all", lambda _: everything, no_services)
    add("carries just that", just(keys, org="org_1"), no_services)
    add("carries all but that", all_but(keys, org="org_1"), lambda _: False)
    add("limited", lambda _: limited, lambda m: no_services(m) and by_account(m))
    add("limited to nothing", just(keys, org="org_1", accounts=[]), opens_limited)
    add("of no organization", just(keys), lambda _: False)
    add("our staff without that", all_but(keys, operator=True), lambda _: False)
    add("our staff with just that", just(keys, operator=True), no_services)

    for role in Role:
        carried = sorted(PERMISSIONS_BY_ROLE[role])
        whose = {"operator": True} if role is Role.OPERATOR else {"org": "org_1"}
        full = keys.token(permissions=carried, **whose)
        part = keys.token(permissions=carried, accounts=["acct_other"], **whose)
        add(role, lambda _, made=full: made, lambda m, role=role: given(role, m))
        add(
            f"{role}, limited",
            lambda _, made=part: made,
            lambda m, role=role: given(role, m) and by_account(m),
        )
    for service in SERVICES:
        own = keys.service(service, audience=SERVER)()
        add(service, lambda _, made=own: made, lambda m, service=service: service in named(m))
    return rows


def just(keys: Keys, **claims: Any) -> Token:
    return lambda method: keys.token(permissions=[permission(method)], **claims)


def all_but(keys: Keys, **claims: Any) -> Token:
    return lambda method: keys.token(
        permissions=[each for each in ALL if each != permission(method)], **claims
    )


def no_services(method: MethodDescriptor) -> bool:
    return not says(method, permission_pb2.services_only)


def by_account(method: MethodDescriptor) -> bool:
    return says(method, permission_pb2.by_account)


def opens_limited(method: MethodDescriptor) -> bool:
    return no_services(method) and by_account(method)


def given(role: Role, method: MethodDescriptor) -> bool:
    return permission(method) in TABLE[role] and no_services(method)


async def test_every_method_is_open_to_whom_it_says(
    channel: grpc.aio.Channel, keys: Keys, tmp_path: Path
) -> None:
    """Every RPC by every kind of caller: reached or refused as contract and page say.

    A star opens nothing, nor does a permission without an organization; once that did everything
    at the dispatcher.
    """
    deviations = []
    for caller, (token, expected) in matrix(keys, tmp_path).items():
        for method in methods():
            wanted = REACHED if says(method, permission_pb2.anyone) else expected(method)
            told = await code(channel, method, token(method))
            if told is not wanted:
                deviations.append(f"{caller} at {method.full_name}: {told}, not {wanted}")

    assert deviations == []


def test_the_page_says_what_a_role_may() -> None:
    """Page and code have the same table, and it has every permission that the contract names."""
    for_services = {permission(method) for method in methods() if not no_services(method)}
    for_anyone = {permission(m) for m in methods() if says(m, permission_pb2.anyone)}
    by_code = {role.value: set(each) for role, each in PERMISSIONS_BY_ROLE.items()}

    assert by_code == TABLE
    assert set().union(*TABLE.values()) | for_services | for_anyone == {*ALL}


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
    assert all(named(method) for method in methods() if not no_services(method))
