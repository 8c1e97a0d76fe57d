"""Certificates and their authority are replaced all the time, and broken, while others attack."""

import asyncio
import json
import os
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
import trustme
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.stack.certificates import CALLER, replace_file
from devstack.stack.services import SERVICES
from devstack.stack.stack import Stack
from grpc_health.v1 import health_pb2, health_pb2_grpc
from identity.issuer.http import JWKS_PATH
from identity.issuer.http_client import IssuerClient, IssuerUnavailable
from servicekit.credentials.tls import Tls
from servicekit.credentials.watched_files import LOOKED_AT_EVERY
from servicekit.errors import NotFound, ServiceError
from servicekit.grpc import client as grpc_client
from servicekit.grpc.server import GrpcServer
from servicekit.http_server import HttpServer
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.e2e.test_authentication import ask
from tests.servers.wrong_certificates import WRONG, wrong_certificate

pytestmark = pytest.mark.asyncio(loop_scope="session")

LASTS = float(os.environ.get("ROTATION_SECONDS", "8"))
GRPC = ("campaign-api", "linkedin-gateway", "webhook-dispatcher")
"""Who is called; the worker calls, with a certificate of its own."""
FIGURES = Path("build/rotation-tls.json")
STRANGE, BEFORE = "of a strange authority", "of an authority of before"
KNOCKS = (
    "plain text",
    "no certificate",
    BEFORE,
    # By which name a caller is known is asked of services alone, beside their token.
    *(kind for kind in WRONG if kind != "of another name"),
)
ROGUES = (BEFORE, *WRONG)
_ASKED_AT_MOST = 3
_PAUSE = 0.7
"""Seconds between two attempts of one attacker: together they would have the machine."""
LEAST_ATTEMPTS = 2
_ATTEMPT = timedelta(seconds=2)
_NOT_LET_IN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}


@dataclass
class Authorities:
    """The one that signs, the one that it takes turns with, and one that nobody believes."""

    signs: trustme.CA
    rests: trustme.CA
    rests_since_then: bool = False
    """Whether the one that rests was believed before, and is not any more."""
    believed_again: int = 0
    """How often the one that rests was."""


@dataclass
class War:
    """What goes on until the time is over, and what came of it."""

    stack: Stack
    directory: Path
    authorities: Authorities
    shown: Tls
    """What somebody shows who may call."""
    anothers: Tls
    """What linkedin-gateway shows."""
    ends_at: float
    asked: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    answered: list[str] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)

    @property
    def goes_on(self) -> bool:
        """Until its time is over and everybody has asked often enough, however busy the machine."""
        enough = (
            min(self.asked.values(), default=0) > LASTS / 4
            and min(self.attempts.values(), default=0) >= LEAST_ATTEMPTS
        )
        return asyncio.get_running_loop().time() < self.ends_at or not enough

    async def ask(self, name: str, call: Callable[[], Awaitable[object]]) -> None:
        """Somebody who may, again and again."""
        self.asked[name] += 0
        while self.goes_on:
            try:
                await call()
            except (ServiceError, httpx.HTTPError) as error:
                self.failed.append(f"{name} after {dict(self.changes)}: {error!r}")
            self.asked[name] += 1

    async def attack(self, name: str, attempt: Callable[[], Awaitable[bool]]) -> None:
        """Somebody who may not: it is told whether they were answered.

        Not of an authority of before that is believed again while somebody tries it.
        """
        self.attempts[name] += 0
        while self.goes_on:
            before = self.authorities.believed_again
            answered = await attempt()
            if answered and not (BEFORE in name and self.authorities.believed_again > before):
                self.answered.append(f"{name} after {dict(self.changes)}")
            self.attempts[name] += 1
            await asyncio.sleep(_PAUSE)

    async def replace(self) -> None:
        """New certificates, broken files and another authority, in turn."""
        while self.goes_on:
            await self._renew()
            await self._break()
            await self._change_authority()

    async def _renew(self) -> None:
        for name in (*SERVICES, CALLER):
            self.stack.certificates.renew(name, authority=self.authorities.signs)
        await self._looked("ok")
        self.changes["certificates"] += 1

    async def _break(self) -> None:
        """Files that somebody has half written, or replaced without what belongs to them."""
        made = self.stack.certificates
        gateway, api, dispatcher, worker = SERVICES[0], SERVICES[2], SERVICES[1], SERVICES[3]
        certificate = made.certificate(gateway).read_bytes()
        made.certificate(gateway).write_bytes(certificate[: len(certificate) // 2])
        made.key(api).write_bytes(made.key(gateway).read_bytes())
        made.certificate(dispatcher).write_bytes(made.certificate(gateway).read_bytes() * 0)
        made.key(worker).write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
        await self._looked("FilesUnreadable")
        self.changes["broken files"] += 1
        await self._renew()
        believed = made.authorities.read_bytes()
        made.authorities.write_bytes(believed[: len(believed) // 2])
        await self._looked("FilesUnreadable")
        replace_file(made.authorities, believed)
        await self._looked("ok")
        self.changes["broken authorities"] += 1

    async def _change_authority(self) -> None:
        """In the order of the runbook, each step at all before the next."""
        made, of = self.stack.certificates, self.authorities
        of.rests_since_then, of.believed_again = False, of.believed_again + 1
        made.believe(of.signs, of.rests)
        await self._looked("ok")
        of.signs, of.rests = of.rests, of.signs
        await self._renew()
        made.believe(of.signs)
        await self._looked("ok")
        of.rests_since_then = True
        self.changes["authorities"] += 1

    async def _looked(self, told: str) -> None:
        """Every process has looked at its files, and says of them what it should."""
        await asyncio.sleep(LOOKED_AT_EVERY)  # before that nobody looks again
        for name, service in self.stack.services.items():
            # An answer is kept for a moment: it may be the one of before.
            for _ in range(_ASKED_AT_MOST):
                if (said := await self._says(service.url)).startswith(told):
                    break
                await asyncio.sleep(LOOKED_AT_EVERY)
            else:
                self.failed.append(f"{name} says {said} of its files, not {told}")

    async def _says(self, url: str) -> str:
        """What a process says of its files; that its certificate has ended, if it has."""
        async with httpx.AsyncClient(base_url=url) as http:
            ready = (await http.get("/readyz")).json()
        certificate = ready["checks"]["certificate"]
        return str(ready["notes"]["certificate files"] if certificate == "ok" else certificate)

    def write_down(self) -> None:
        figures = {
            "seconds": LASTS,
            "changes": self.changes,
            "asked": self.asked,
            "failed": len(self.failed),
            "attempts": self.attempts,
            "answered": len(self.answered),
        }
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(figures) + "\n")

    # Attackers.

    def credentials(self, kind: str) -> grpc.ChannelCredentials | None:
        """What an attacker shows; None for nothing, not even TLS."""
        believed = self.stack.certificates.authorities.read_bytes()
        if kind == "plain text":
            return None
        if kind == "no certificate":
            return grpc.ssl_channel_credentials(believed)
        made = self.issued(kind)
        chain = b"".join(each.bytes() for each in made.cert_chain_pems)
        return grpc.ssl_channel_credentials(believed, made.private_key_pem.bytes(), chain)

    def issued(self, kind: str) -> trustme.LeafCert:
        """A certificate with something wrong with it."""
        of = self.authorities
        if kind == BEFORE and of.rests_since_then:
            return of.rests.issue_cert(CALLER, "localhost", "127.0.0.1", common_name=CALLER)
        wrong = STRANGE if kind == BEFORE else kind
        return wrong_certificate(wrong, name=CALLER, authority=of.signs)

    async def knock(self, address: str, kind: str) -> bool:
        """Ask what anybody may, if they are let in at all."""
        credentials = self.credentials(kind)
        # Of a channel of one's own no certificate is left over from the attempt before.
        made = (
            grpc.aio.insecure_channel(address)
            if credentials is None
            else grpc.aio.secure_channel(address, credentials)
        )
        async with made as channel:
            return await _answers(channel)

    async def believe(self, kind: str) -> bool:
        """Have a rogue server believed, by gRPC and by HTTP."""
        made, folder = self.issued(kind), self.directory / kind.replace(" ", "-")
        folder.mkdir(exist_ok=True)
        certificate, key = folder / "rogue.pem", folder / "rogue.key"
        replace_file(key, made.private_key_pem.bytes())
        replace_file(certificate, b"".join(each.bytes() for each in made.cert_chain_pems))
        replace_file(folder / "authorities.pem", self.shown.pair().authorities)
        rogue = Tls(certificate, key, folder / "authorities.pem")
        app = Starlette(routes=[Route(JWKS_PATH, _keys)])
        async with (
            GrpcServer(tls=rogue, grace=timedelta(0)) as server,
            HttpServer(app, tls=rogue) as http,
            grpc_client.channel(server.address, tls=self.shown, wait_for_ready=False) as channel,
            IssuerClient(self.shown) as client,
        ):
            try:
                await client.keys(f"{http.url}{JWKS_PATH}")
            except IssuerUnavailable:
                return await _answers(channel)
        return True

    async def pretend(self, server: str, address: str) -> bool:
        """A stolen token of the worker, on a connection with another service's certificate."""
        token = self.stack.keys.service("outreach-worker", audience=server)
        async with grpc_client.channel(address, token=token, tls=self.anothers) as channel:
            try:
                await ask(channel, server)
            except ServiceError as refused:
                return refused.code is not grpc.StatusCode.UNAUTHENTICATED
        return True


async def _keys(_: Any) -> JSONResponse:
    return JSONResponse({"keys": []})


async def _answers(channel: grpc.aio.Channel) -> bool:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    try:
        await stub.Check(health_pb2.HealthCheckRequest(), timeout=_ATTEMPT.total_seconds())
    except ServiceError:
        return False
    except grpc.aio.AioRpcError as refused:
        return refused.code() not in _NOT_LET_IN
    return True


async def over_https(shown: Tls, url: str) -> None:
    """A new connection, by whom is believed at this moment; what is answered is not asked."""
    believed = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    believed.load_verify_locations(cadata=shown.pair().authorities.decode())
    async with httpx.AsyncClient(verify=believed) as http:
        await http.get(url)


@asynccontextmanager
async def at_war(stack: Stack, directory: Path) -> AsyncIterator[War]:
    """Afterwards everything is as it was: the first authority signs, and is the only one."""
    own, other = stack.certificates.authority, trustme.CA()
    war = War(
        stack,
        directory,
        Authorities(signs=own, rests=other),
        shown=stack.certificates.tls(CALLER),
        anothers=stack.certificates.tls("linkedin-gateway"),
        ends_at=asyncio.get_running_loop().time() + LASTS,
    )
    try:
        yield war
    finally:
        if war.authorities.signs is not own:
            await war._change_authority()
        await war._renew()


AWAY = ("dependency_unavailable", "rpc_failed", "ISSUER_UNAVAILABLE")
"""What a service logs of a call to a neighbour that failed."""


@pytest.mark.lasts(seconds=30)
async def test_the_valid_are_answered_and_no_one_else(
    stack: Stack,
    driver: Driver,
    flow: Flow,
    write_leads: Callable[..., Path],
    tmp_path: Path,
) -> None:
    """While all certificates, and the authority, change under load, and files are half written."""
    created = await driver.create_campaign(flow, name="hostile")
    campaign_id = created.campaign.campaign_id
    leads = write_leads(*(f"hostile{number}" for number in range(round(LASTS))))
    await driver.import_leads(campaign_id, leads)
    logs = {name: stack.logs / f"{name}.log" for name in SERVICES}
    before = {name: log.stat().st_size for name, log in logs.items()}
    https = {
        "campaign-api": f"https://127.0.0.1:{stack.addresses.issuer_port}{JWKS_PATH}",
        "linkedin-gateway": f"https://127.0.0.1:{stack.addresses.webhook_port}/webhooks/unipile/no",
    }

    async with (
        at_war(stack, tmp_path) as war,
        AsyncExitStack() as open_channels,
        asyncio.TaskGroup() as group,
    ):
        await driver.start(campaign_id)
        group.create_task(war.replace())
        for server in GRPC:
            address = stack.addresses.grpc(server)
            channel = await open_channels.enter_async_context(
                grpc_client.channel(address, token=stack.operators_token, tls=war.shown)
            )
            group.create_task(war.ask(server, partial(found_or_not, channel, server)))
            group.create_task(war.ask(f"{server} anew", partial(anew, war, address)))
            group.create_task(
                war.attack(f"pretend at {server}", partial(war.pretend, server, address))
            )
            for kind in KNOCKS:
                knock = partial(war.knock, address, kind)
                group.create_task(war.attack(f"{kind} at {server}", knock))
        for server, url in https.items():
            group.create_task(war.ask(f"{server} by HTTPS", partial(over_https, war.shown, url)))
        for kind in ROGUES:
            group.create_task(war.attack(f"a server {kind}", partial(war.believe, kind)))

    war.write_down()
    assert war.failed == []
    assert war.answered == []
    assert min(war.changes.values()) >= 1
    assert set(war.changes) == {"certificates", "broken files", "broken authorities", "authorities"}
    assert min(war.asked.values()) > LASTS / 4
    assert min(war.attempts.values()) >= LEAST_ATTEMPTS
    assert (await driver.status(campaign_id)).funnel.visited > 0
    for name, log in logs.items():
        lines = log.read_bytes()[before[name] :].decode().splitlines()
        assert [line for line in lines if any(word in line for word in AWAY)] == []


async def found_or_not(channel: grpc.aio.Channel, server: str) -> None:
    """A call by whoever may ask; that there is no such thing is an answer."""
    with suppress(NotFound):
        await ask(channel, server)


async def anew(war: War, address: str) -> None:
    """The same on a connection of its own."""
    async with grpc_client.channel(address, tls=war.shown) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        await stub.Check(health_pb2.HealthCheckRequest())
