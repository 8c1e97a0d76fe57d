"""TLS between a server and a channel: who is believed, and what changes while both are at work."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from devstack.stack.certificates import CALLER, Certificates
from devstack.stack.keys import Keys
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CollectorRegistry
from servicekit.credentials.tls import Tls
from servicekit.errors import Unauthenticated, Unavailable
from servicekit.grpc import client as grpc_client
from servicekit.grpc.channels.renewed_channel import RenewedChannel
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.grpc.tls import shows_name
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

SERVER = "campaign-api"
SHORT = timedelta(seconds=1)


def looks_always() -> Callable[[], float]:
    """A clock by which files are looked at each time."""
    return itertools.count(step=10).__next__


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


def tls(certificates: Certificates, name: str, **options: Any) -> Tls:
    return Tls(*certificates.settings(name).values(), now=looks_always(), **options)


@pytest.fixture
async def server(certificates: Certificates) -> AsyncIterator[GrpcServer]:
    """Its connections are short-lived, so that new ones are made all the time."""
    made = GrpcServer(
        tls=tls(certificates, SERVER),
        max_connection_age=timedelta(milliseconds=100),
        grace=timedelta(seconds=1),
    )
    async with made:
        yield made


async def check(channel: grpc.aio.Channel) -> int:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    status: int = (await stub.Check(health_pb2.HealthCheckRequest())).status
    return status


async def test_both_sides_believe_each_other(
    certificates: Certificates, server: GrpcServer
) -> None:
    """With certificates of one authority calls go through."""
    async with grpc_client.channel(server.address, tls=tls(certificates, CALLER)) as channel:
        assert await check(channel) == health_pb2.HealthCheckResponse.SERVING


async def refusal(channel: grpc.aio.Channel) -> Unavailable:
    async with channel:
        with pytest.raises(Unavailable) as refused:
            await check(channel)
    return refused.value


async def test_strangers_are_refused(
    certificates: Certificates, server: GrpcServer, tmp_path: Path
) -> None:
    """Without TLS, without a certificate, with another authority's: nobody is let in."""
    believing = grpc.ssl_channel_credentials(certificates.authorities.read_bytes())
    others = Certificates(tmp_path / "others")
    forged = Certificates(tmp_path / "forged")
    forged.believe(certificates.authority)
    address, options = server.address, {"wait_for_ready": False, "timeout": SHORT}

    await refusal(grpc_client.channel(address, **options))
    await refusal(grpc_client.channel(address, credentials=believing, **options))
    await refusal(grpc_client.channel(address, tls=tls(others, CALLER), **options))
    await refusal(grpc_client.channel(address, tls=tls(forged, CALLER), **options))


async def test_a_port_may_ask_callers_for_no_certificate(certificates: Certificates) -> None:
    """People's tools come with a token alone where a port is set to that."""
    believing = grpc.ssl_channel_credentials(certificates.authorities.read_bytes())
    open_port = GrpcServer(tls=tls(certificates, SERVER, require_client_certificate=False))

    async with (
        open_port,
        grpc_client.channel(open_port.address, credentials=believing) as channel,
    ):
        assert await check(channel) == health_pb2.HealthCheckResponse.SERVING


async def test_a_name_that_the_server_does_not_have_is_refused(
    certificates: Certificates, server: GrpcServer
) -> None:
    """A certificate of the right authority for another name is not the server's."""
    made = certificates.authority.issue_cert("elsewhere.example")
    certificates.key(SERVER).write_bytes(made.private_key_pem.bytes())
    certificates.certificate(SERVER).write_bytes(made.cert_chain_pems[0].bytes())

    channel = grpc_client.channel(
        server.address, tls=tls(certificates, CALLER), wait_for_ready=False
    )
    refused = await refusal(channel)

    assert "Hostname Verification Check failed" in refused.message


@dataclass
class Connection:
    """What gRPC says of the connection of a call."""

    shown: tuple[str, ...] | None

    def auth_context(self) -> dict[str, list[bytes]]:
        if self.shown is None:
            return {}
        told = {"transport_security_type": [b"ssl"]}
        for name in self.shown:
            kind = "peer_email" if "@" in name else "peer_uri" if "://" in name else "peer_dns"
            told.setdefault(kind, []).append(name.encode())
        return told


@pytest.mark.parametrize(
    ("shown", "believed"),
    [
        (None, True),
        ((), False),
        (("campaign-api",), True),
        (("10.0.0.1", "campaign-api.outreach.svc.cluster.local"), True),
        (("spiffe://outreach/ns/outreach/sa/campaign-api",), True),
        (("outreach-worker",), False),
        (("outreach-worker.campaign-api",), False),
        (("spiffe://campaign-api/ns/outreach/sa/outreach-worker",), False),
        (("campaign-api-2",), False),
        (("campaign-api.ann@example.com",), False),
    ],
)
def test_a_service_is_known_by_its_certificate_too(
    shown: tuple[str, ...] | None,
    believed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Its name is the first part of a host's or the last of a URI; without TLS it is not asked."""
    context: Any = Connection(shown)

    assert shows_name(context, SERVER) is believed


async def test_a_stolen_token_is_of_no_use_elsewhere(
    certificates: Certificates, tmp_path: Path
) -> None:
    """A service's token over another's connection is refused; over its own it is believed."""
    keys = Keys(tmp_path / "keys")
    settings = ServiceSettings(**keys.settings(SERVER))
    identity = Identity.of_server(settings, service=SERVER, sandbox=False, calls=True)
    interceptor = standard_interceptor(CollectorRegistry(), authenticator=identity.authenticator)
    served = GrpcServer(interceptors=[interceptor], tls=tls(certificates, SERVER))
    token = keys.service("outreach-worker", audience=SERVER)

    async def ask(name: str) -> None:
        shown = tls(certificates, name)
        async with grpc_client.channel(served.address, token=token, tls=shown) as channel:
            await channel.unary_unary("/test.Thing/Get")(b"")

    async def get(_: bytes, __: Any) -> bytes:
        return b""

    handlers = {"Get": grpc.unary_unary_rpc_method_handler(get)}
    handler = grpc.method_handlers_generic_handler("test.Thing", handlers)
    served._server.add_generic_rpc_handlers((handler,))
    async with served:
        await ask("outreach-worker")
        with pytest.raises(Unauthenticated, match="another's"):
            await ask("linkedin-gateway")


async def test_what_has_expired_is_refused_until_it_is_renewed(
    certificates: Certificates, server: GrpcServer
) -> None:
    """A caller whose certificate is over is refused; with a new one it goes on by itself."""
    ended = datetime.now(UTC) - timedelta(seconds=1)
    certificates.renew(CALLER, not_before=ended - timedelta(days=1), not_after=ended)
    options = {"wait_for_ready": False, "timeout": SHORT}
    async with grpc_client.channel(
        server.address, tls=tls(certificates, CALLER), **options
    ) as channel:
        with pytest.raises(Unavailable):
            await check(channel)
        certificates.renew(CALLER)

        assert await check(channel) == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.lasts(seconds=4)
async def test_everything_is_replaced_under_load_and_no_call_fails(
    certificates: Certificates, server: GrpcServer
) -> None:
    """Certificates of both sides, then the authority itself, in the order of the runbook."""
    answered = 0
    settled = asyncio.Semaphore(0)
    done = asyncio.Event()

    async def ask(channel: grpc.aio.Channel) -> None:
        nonlocal answered
        while not done.is_set():
            assert await check(channel) == health_pb2.HealthCheckResponse.SERVING
            answered += 1
            if answered % 100 == 0:
                settled.release()

    async def settle() -> None:
        """Connections are made anew meanwhile."""
        await settled.acquire()

    async def replace() -> None:
        new = trustme.CA()
        for _ in range(3):
            certificates.renew(SERVER)
            await settle()
            certificates.renew(CALLER)
            await settle()
        certificates.believe(certificates.authority, new)
        await settle()
        for name in (SERVER, CALLER):
            certificates.renew(name, authority=new)
            await settle()
        certificates.believe(new)
        await settle()
        done.set()

    async with (
        grpc_client.channel(server.address, tls=tls(certificates, CALLER)) as channel,
        asyncio.timeout(60),
        asyncio.TaskGroup() as group,
    ):
        for _ in range(4):
            group.create_task(ask(channel))
        group.create_task(replace())

    assert answered >= 900


async def test_a_stream_outlives_the_channel_that_it_began_on(
    certificates: Certificates, server: GrpcServer
) -> None:
    """A new certificate does not end what is under way; the old channel goes with its last call."""
    async with grpc_client.channel(server.address, tls=tls(certificates, CALLER)) as channel:
        assert isinstance(channel, RenewedChannel)
        stub: Any = health_pb2_grpc.HealthStub(channel)
        watching = stub.Watch(health_pb2.HealthCheckRequest())
        first = await anext(aiter(watching))
        old = channel.current()
        certificates.renew(CALLER)
        await check(channel)
        assert channel.current() is not old
        assert old.calls == 1
        assert not old.channel._channel.closed()  # type: ignore[attr-defined]

        watching.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(*channel._closing)

    assert first.status == health_pb2.HealthCheckResponse.SERVING
    assert old.channel._channel.closed()  # type: ignore[attr-defined]
