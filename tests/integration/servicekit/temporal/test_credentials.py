"""servicekit.temporal: TLS and API keys, with files that change while calls are made."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from devstack.stack.certificates import Certificates
from servicekit.clock import Clock
from servicekit.temporal import connection as temporal
from servicekit.temporal.credentials import follow_client, keep_credentials
from servicekit.temporal.plugin import new_plugin
from servicekit.temporal.worker import run_worker
from temporalio import activity, workflow
from temporalio.client import Client

from tests.servers.temporal import TemporalServer
from tests.servers.tls_proxy import TlsProxy, before_temporal
from tests.servers.wrong_certificates import WRONG, wrong_certificate

SERVICE = "campaign-api"
SOON = 0.05


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    made = Certificates(tmp_path / "certificates")
    made.renew("temporal")
    return made


@pytest.fixture
async def server(
    certificates: Certificates, temporal_server: TemporalServer
) -> AsyncIterator[TlsProxy]:
    async with before_temporal(certificates, temporal_server.address) as proxy:
        yield proxy


def environ(certificates: Certificates, server: TlsProxy) -> dict[str, str]:
    """As production names it."""
    return {
        "TEMPORAL_ADDRESS": f"127.0.0.1:{server.port}",
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(certificates.authorities),
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificates.certificate(SERVICE)),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(certificates.key(SERVICE)),
    }


async def connected(certificates: Certificates, server: TlsProxy) -> Client:
    plugin = new_plugin(Clock.real_time())
    return await temporal.connect(plugin, environ=environ(certificates, server))


@workflow.defn(name="TlsEcho", sandboxed=False)
class Echo:
    @workflow.run
    async def run(self, said: str) -> str:
        return said


@activity.defn
async def nothing() -> None: ...


async def test_a_client_shows_its_certificate(certificates: Certificates, server: TlsProxy) -> None:
    """By the SDK's own names, against a server that asks for one."""
    client = await connected(certificates, server)

    await temporal.check(client)
    assert server.shown


@pytest.mark.lasts(seconds=3)
async def test_clients_and_workers_go_on_with_new_files(
    certificates: Certificates, server: TlsProxy
) -> None:
    """Everything is replaced under a running worker, and the old connections cut: work goes on."""
    client = await connected(certificates, server)
    keeping = asyncio.create_task(
        keep_credentials(client, environ=environ(certificates, server), every=SOON)
    )
    async with run_worker(
        client, "tls-echo", workflows=[Echo], activities=[nothing], pollers=2
    ) as worker:
        following = asyncio.create_task(follow_client(worker, every=SOON))
        first = await client.execute_workflow(Echo.run, "a", id="tls-a", task_queue="tls-echo")
        server.believed.clear()
        certificates.renew("temporal")
        certificates.renew(SERVICE)
        async with asyncio.timeout(20):
            await server.believed.wait()
        server.cut()
        second = await client.execute_workflow(Echo.run, "b", id="tls-b", task_queue="tls-echo")
        for task in (keeping, following):
            assert not task.done()
            task.cancel()

    assert (first, second) == ("a", "b")
    assert len(set(server.shown)) == 2


async def test_files_that_are_refused_change_nothing(
    certificates: Certificates, server: TlsProxy, tmp_path: Path
) -> None:
    """With a certificate of a stranger's the client goes on as it is connected."""
    client = await connected(certificates, server)
    keeping = asyncio.create_task(
        keep_credentials(client, environ=environ(certificates, server), every=SOON)
    )
    stranger = Certificates(tmp_path / "stranger")
    certificates.renew(SERVICE, authority=stranger.authority)

    for _ in range(5):
        await asyncio.sleep(SOON)
        await temporal.check(client)

    keeping.cancel()


@pytest.mark.lasts(seconds=5)
async def test_no_call_fails_while_everything_is_replaced_and_broken(
    certificates: Certificates, server: TlsProxy
) -> None:
    """Certificates, their authority, and files that are half written or belong to others."""
    own, other = certificates.authority, trustme.CA()
    certificates.believe(own, other)
    # What is broken is whom the client believes.
    server.authorities = certificates.directory / "server.pem"
    server.authorities.write_bytes(certificates.authorities.read_bytes())
    client = await connected(certificates, server)
    keeping = asyncio.create_task(
        keep_credentials(client, environ=environ(certificates, server), every=SOON)
    )
    done, answered = asyncio.Event(), asyncio.Semaphore(0)

    async def ask() -> None:
        while not done.is_set():
            await temporal.check(client)
            answered.release()
            await asyncio.sleep(SOON / 5)

    async def looked() -> None:
        """More are answered, after the files were looked at."""
        await asyncio.sleep(3 * SOON)  # each SOON they are
        while not answered.locked():
            await answered.acquire()
        await answered.acquire()

    async def replace() -> None:
        for signs in (own, other, own):
            for name in ("temporal", SERVICE):
                certificates.renew(name, authority=signs)
            server.believed.clear()
            await server.believed.wait()
            for path in (certificates.certificate(SERVICE), certificates.key(SERVICE)):
                content = path.read_bytes()
                path.write_bytes(content[: len(content) // 2])
                await looked()
                path.write_bytes(content)
            certificates.key(SERVICE).write_bytes(certificates.key("temporal").read_bytes())
            await looked()
            certificates.renew(SERVICE, authority=signs)
            both = certificates.authorities.read_bytes()
            certificates.authorities.write_bytes(both[: len(both) // 3])
            await looked()
            certificates.believe(own, other)
            await looked()
        done.set()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(ask())
        group.create_task(replace())
    assert not keeping.done()
    keeping.cancel()
    assert len({*server.shown}) >= 4


@pytest.mark.parametrize("kind", WRONG)
async def test_neither_side_believes_what_is_wrong(
    certificates: Certificates, server: TlsProxy, kind: str
) -> None:
    """A server that shows it is not asked, and who shows it to the server is not answered."""
    made = wrong_certificate(kind, name="temporal", authority=certificates.authority)

    for name in ("temporal", SERVICE):
        # By which name somebody calls is the namespace's matter, not the certificate's.
        if (name, kind) != (SERVICE, "of another name"):
            made.private_key_pem.write_to_path(certificates.key(name))
            made.cert_chain_pems[0].write_to_path(certificates.certificate(name))
            with pytest.raises(RuntimeError):
                await temporal.look(environ(certificates, server))
        certificates.renew(name)

    assert server.shown == []


class Frontend(grpc.GenericRpcHandler):
    """Answers every call with nothing, and remembers the keys that came."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def service(self, handler_call_details: Any) -> Any:  # noqa: ARG002 - gRPC's own name
        async def answer(_: bytes, context: Any) -> bytes:
            self.keys.append(dict(context.invocation_metadata()).get("authorization", ""))
            return b""

        return grpc.unary_unary_rpc_method_handler(answer)


async def test_a_new_api_key_is_carried_by_the_next_call(tmp_path: Path) -> None:
    """A file with another key is read while the client is in use; an empty one changes nothing."""
    frontend, key = Frontend(), tmp_path / "key"
    key.write_text("the-first-key\n")
    server = grpc.aio.server(handlers=[frontend])
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    environ = {
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_API_KEY_FILE": str(key),
        "TEMPORAL_TLS": "false",
    }
    await server.start()
    client = await temporal.connect(new_plugin(Clock.real_time()), environ=environ)
    keeping = asyncio.create_task(keep_credentials(client, environ=environ, every=SOON))
    before = {*frontend.keys}
    for text in ("the-second-key", ""):
        key.write_text(text)
        async with asyncio.timeout(10):
            for _ in range(5):
                await asyncio.sleep(SOON)
                await temporal.check(client)

    keeping.cancel()
    await server.stop(None)
    assert before == {"Bearer the-first-key"}
    assert frontend.keys[-1] == "Bearer the-second-key"
