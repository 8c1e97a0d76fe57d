"""Who may use which RPC: every method of the contract by every kind of caller.

What is expected is read from the contract's options, and from the table of callers in
docs/security.md, by this test itself. Whose things a caller then sees is the matter of
`test_strangers.py` of each service (`tests/contracts/organizations.py`).
"""

import ast
import base64
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys, every_permission
from devstack.stack.services import SERVICES
from google.protobuf.descriptor import MethodDescriptor
from outreach.common.v1 import permission_pb2
from prometheus_client import CollectorRegistry
from servicekit.errors import FailedPrecondition
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

from tests.fuzzing.calls import ask
from tests.protos import ACCESS_OF, methods, services

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


async def codes(channel: grpc.aio.Channel, token: str) -> dict[str, grpc.StatusCode]:
    return {method.full_name: await code(channel, method, token) for method in methods()}


def permission(method: MethodDescriptor) -> str:
    return str(method.GetOptions().Extensions[permission_pb2.permission])


def named(method: MethodDescriptor) -> set[str]:
    """The services that may use it."""
    return {*method.GetOptions().Extensions[permission_pb2.services]}


def for_services(method: MethodDescriptor) -> bool:
    return bool(method.GetOptions().Extensions[permission_pb2.services_only])


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


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_are_refused(
    channel: grpc.aio.Channel, keys: Keys, tmp_path: Path, stranger: str
) -> None:
    """Whatever is asked, before anything is looked at."""
    answers = await codes(channel, STRANGERS[stranger](keys, tmp_path / "other"))

    assert answers == dict.fromkeys(answers, UNKNOWN)


@pytest.mark.parametrize("permissions", [[], ["*"]], ids=str)
async def test_who_may_nothing_is_told_so(
    channel: grpc.aio.Channel, keys: Keys, permissions: list[str]
) -> None:
    """A token that is in order and carries no permission opens no method, nor does a star."""
    answers = await codes(channel, keys.token(org="org_1", permissions=permissions))

    assert answers == dict.fromkeys(answers, DENIED)


async def test_who_acts_for_no_organization_does_nothing(
    channel: grpc.aio.Channel, keys: Keys
) -> None:
    """Whatever permissions the token carries, one or all of them."""
    answers = await codes(channel, keys.token(permissions=ALL))

    assert answers == dict.fromkeys(answers, DENIED)


@pytest.mark.parametrize("carried", ALL)
async def test_a_permission_opens_its_methods(
    channel: grpc.aio.Channel, keys: Keys, carried: str
) -> None:
    """And no other; none opens what is for our services only."""
    answers = await codes(channel, keys.token(org="org_1", permissions=[carried]))

    assert answers == {
        method.full_name: REACHED
        if permission(method) == carried and not for_services(method)
        else DENIED
        for method in methods()
    }


async def test_our_staff_needs_permissions_too(channel: grpc.aio.Channel, keys: Keys) -> None:
    """With all of them everything is open but what is for our services only; without, nothing."""
    with_all = await codes(channel, keys.operator())
    with_none = await codes(channel, keys.token(operator=True))

    assert with_all == {
        method.full_name: DENIED if for_services(method) else REACHED for method in methods()
    }
    assert with_none == dict.fromkeys(with_none, DENIED)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_uses_what_names_it(
    channel: grpc.aio.Channel, keys: Keys, service: str
) -> None:
    """Each signs for itself, and is refused at every method that does not name it."""
    answers = await codes(channel, keys.service(service, audience=SERVER)())

    assert answers == {
        method.full_name: REACHED if service in named(method) else DENIED for method in methods()
    }


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
    assert all(named(method) for method in methods() if for_services(method))
