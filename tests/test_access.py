"""No RPC of the contract answers whoever is not known, or may not."""

import base64
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from outreach.common.v1 import permission_pb2
from prometheus_client import CollectorRegistry
from servicekit import auth
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.permissions import declared_in
from servicekit.grpc.server import GrpcServer

from tests.fuzzing.calls import ask
from tests.protos import methods, services

KEY = b"k" * 32
STRANGERS = {
    "no token": "",
    "another's key": auth.TokenSource(b"x" * 32, subject="ann")(),
    "not signed": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
    "brackets": base64.urlsafe_b64encode(b"[" * 20_000).decode() + ".e30.x",
}


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    """A server with every service of the contract, whose methods do nothing."""
    server = GrpcServer(
        interceptors=[
            standard_interceptor(
                CollectorRegistry(),
                authenticator=auth.Authenticator(keys={None: KEY}, algorithms=["HS256"]),
                permission_of=declared_in(permission_pb2.permission),
            )
        ]
    )
    for service in services():
        module: Any = import_module(
            service.file.name.removesuffix(".proto").replace("/", ".") + "_pb2_grpc"
        )
        add = getattr(module, f"add_{service.name}Servicer_to_server")
        server.add(add, getattr(module, f"{service.name}Servicer")())
    async with server, grpc.aio.insecure_channel(server.address) as channel:
        yield channel


async def code(channel: grpc.aio.Channel, method: MethodDescriptor, token: str) -> grpc.StatusCode:
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await ask(channel, method, [b""], metadata=metadata)
    return refused.value.code()


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_strangers_are_refused(channel: grpc.aio.Channel, stranger: str) -> None:
    """Whatever is asked, before anything is looked at."""
    codes = {
        method.full_name: await code(channel, method, STRANGERS[stranger]) for method in methods()
    }

    assert codes == dict.fromkeys(codes, grpc.StatusCode.UNAUTHENTICATED)


async def test_who_may_nothing_is_told_so(channel: grpc.aio.Channel) -> None:
    """A token that is in order and carries no permission opens no method."""
    token = auth.TokenSource(KEY, subject="ann", permissions=[])()
    codes = {method.full_name: await code(channel, method, token) for method in methods()}

    assert codes == dict.fromkeys(codes, grpc.StatusCode.PERMISSION_DENIED)
