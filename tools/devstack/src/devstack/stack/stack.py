"""The whole local stack, composed: what `make demo`, `make up` and the tests run on."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from identity.issuer.bootstrap import bootstrap
from outreach_client.credentials import keep_api_key
from servicekit.clock import Clock

from devstack.stack.certificates import Certificates
from devstack.stack.keys import Keys
from devstack.stack.loopback import free_ports
from devstack.stack.operator import operator
from devstack.stack.postgres import Postgres
from devstack.stack.processes import Process, ProcessFailed, Reaper
from devstack.stack.receiver import Receiver
from devstack.stack.services import (
    SERVICES,
    Addresses,
    Service,
    common_environment,
    service_environment,
)
from devstack.stack.simulator import DEFAULT_ACCOUNTS, SimulatedAccount, Simulator
from devstack.stack.temporal import Temporal, schedules_ticked
from devstack.stack.virtual_time import sandbox_clock
from devstack.stack.writer_simulator import WriterSimulator

_LONGEST_DIRECTORY = 60
"""Sockets live below the directory, and their paths may have some 100 characters."""
_ROLES_BY_SERVICE = {
    "campaign-api": {
        "DATABASE_URL": "campaign_service",
        "BACKGROUND_DATABASE_URL": "campaign_background",
        "MIGRATION_DATABASE_URL": "campaign",
        "AUTOMATION_DATABASE_URL": "automation_service",
        "AUTOMATION_BACKGROUND_DATABASE_URL": "automation_background",
        "AUTOMATION_MIGRATION_DATABASE_URL": "automation",
    },
    "outreach-worker": {
        "DATABASE_URL": "campaign_background",
        "MIGRATION_DATABASE_URL": "campaign",
        "AUTOMATION_DATABASE_URL": "automation_background",
        "AUTOMATION_MIGRATION_DATABASE_URL": "automation",
    },
    "linkedin-gateway": {
        "DATABASE_URL": "gateway_service",
        "BACKGROUND_DATABASE_URL": "gateway_background",
        "DECISION_DATABASE_URL": "gateway_decisions",
        "MIGRATION_DATABASE_URL": "gateway",
    },
    "webhook-dispatcher": {
        "DATABASE_URL": "webhook_service",
        "BACKGROUND_DATABASE_URL": "webhook_background",
        "MIGRATION_DATABASE_URL": "webhook",
    },
}
_GRPC_SERVICES = ("campaign-api", "linkedin-gateway", "webhook-dispatcher")


class Part(Protocol):
    """Anything that runs as a process and can be started again."""

    process: Process

    async def start(self) -> None:
        """Start it; returns once it serves."""


@dataclass(frozen=True, kw_only=True)
class StackOptions:
    """What may differ between two stacks."""

    clock: Clock
    people: Path | None = None
    seed: int = 7
    accounts: Sequence[SimulatedAccount] = DEFAULT_ACCOUNTS
    open_caps: bool = False
    simulator_options: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Further variables for every service, or others than it would have here."""
    database_environment: Mapping[str, str] = field(default_factory=dict)
    """The same for the database's server."""


class Stack:
    """PostgreSQL, Temporal, the simulator and the four services, while the block runs.

    Everything it makes lies in a directory of its own, which goes with it unless it is
    to be kept. When the supervising process is killed, the reaper stops the rest.
    """

    def __init__(self, options: StackOptions, *, directory: Path | None = None) -> None:
        self.options = options
        self.clock = options.clock
        self.directory = directory or new_directory()
        self.logs = self.directory / "logs"
        self.keep = False
        self.reaper = Reaper(self.directory)
        self._exits = AsyncExitStack()
        self._failed: asyncio.Future[None]

    async def __aenter__(self) -> Self:
        self._failed = asyncio.get_running_loop().create_future()
        try:
            await self._start()
        except BaseException:
            await asyncio.shield(self._exits.aclose())
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._exits.aclose()

    def keep_directory(self) -> None:
        """Leave the directory, with its logs and data, when the stack ends."""
        self.keep = True
        self.reaper.keep_directory()

    async def kill(self, name: str) -> None:
        """`kill -9` one part."""
        await self.parts[name].process.kill()

    async def start(self, name: str) -> None:
        """Start a part that was killed or stopped; returns once it serves."""
        await self.parts[name].start()

    async def restart(self, name: str) -> None:
        """Stop a part in order and start it again."""
        await self.parts[name].process.stop()
        await self.start(name)

    async def until_failure(self) -> None:
        """Wait until a part ends that nobody stopped, and raise `ProcessFailed`."""
        await asyncio.shield(self._failed)

    async def _start(self) -> None:
        self._exits.push_async_callback(self._clean_up)
        await self.reaper.start()
        self.receiver = await self._exits.enter_async_context(
            Receiver(self.directory / "webhooks.jsonl")
        )
        self.writer = await self._exits.enter_async_context(WriterSimulator())
        self._compose()
        self._exits.push_async_callback(self._stop_all)
        # Services wait for what they need, so everything can start at once.
        starting = [asyncio.ensure_future(self._create_database())]
        starting += [
            asyncio.ensure_future(part.start())
            for name, part in self.parts.items()
            if name != "postgres"
        ]
        try:
            await asyncio.gather(*starting)
        finally:
            for task in starting:
                task.cancel()
            await asyncio.gather(*starting, return_exceptions=True)
        await self._exits.enter_async_context(schedules_ticked(self.temporal, self.clock))
        self.client = await self._exits.enter_async_context(
            operator(self.addresses, self.certificates, self.operators_key)
        )

    @property
    def operators_token(self) -> Callable[[], str]:
        """The operator's token of now; raises `LookupError` before the stack has started."""
        if self.client.token is None:
            raise LookupError("Nobody has signed in.")
        return self.client.token

    async def _create_database(self) -> None:
        """The database, and in it the first operator, whose API key is kept in a file."""
        await self.postgres.create()
        url = self.addresses.identity_url
        first = await bootstrap(
            url,
            organization="This machine's",
            name="devstack",
            owner_url=self.addresses.identity_owner_url,
        )
        keep_api_key(self.operators_key, first.secret)

    @property
    def operators_key(self) -> Path:
        """A file with the API key of the operator."""
        return self.directory / "operator.key"

    def _compose(self) -> None:
        ports = iter(free_ports(6 + len(SERVICES) + len(_GRPC_SERVICES)))
        logs, reaper = self.logs, self.reaper
        self.postgres = Postgres(
            self.directory / "pg",
            logs / "postgres.log",
            reaper,
            more_environment=self.options.database_environment,
        )
        self.temporal = Temporal(
            self.directory / "temporal",
            logs / "temporal.log",
            reaper,
            port=next(ports),
            ui_port=next(ports),
            metrics=next(ports),
        )
        self.keys = Keys(self.directory / "keys")
        self.certificates = Certificates(self.directory / "certificates")
        common = common_environment(sandbox_clock(self.clock)) | dict(self.options.environment)
        self.simulator = self._simulator(common, port=next(ports))
        self.addresses = self._addresses(ports)
        self.services = {name: self._service(name, common) for name in SERVICES}
        self.parts: dict[str, Part] = {
            "postgres": self.postgres,
            "temporal": self.temporal,
            "simulator": self.simulator,
            **self.services,
        }
        for part in self.parts.values():
            part.process.on_unexpected_end = self._part_ended

    def _simulator(self, common: dict[str, str], *, port: int) -> Simulator:
        return Simulator(
            self.directory / "simulator",
            self.logs / "simulator.log",
            self.reaper,
            port=port,
            environment=common | {"SSL_CERT_FILE": str(self.certificates.authorities)},
            seed=self.options.seed,
            people=self.options.people,
            accounts=self.options.accounts,
            options=self.options.simulator_options,
        )

    def _addresses(self, ports: Iterator[int]) -> Addresses:
        return Addresses(
            database_urls={
                service: {setting: self.postgres.url(role) for setting, role in roles.items()}
                for service, roles in _ROLES_BY_SERVICE.items()
            },
            temporal=self.temporal.address,
            unipile=self.simulator.url,
            writer=self.writer.url,
            webhook_port=next(ports),
            identity_url=self.postgres.url("identity_background"),
            identity_owner_url=self.postgres.url("identity"),
            issuer_port=next(ports),
            grpc_ports={name: next(ports) for name in _GRPC_SERVICES},
            http_ports={name: next(ports) for name in SERVICES},
        )

    def _service(self, name: str, common: dict[str, str]) -> Service:
        options, addresses = self.options, self.addresses
        environment = common | service_environment(name, addresses, open_caps=options.open_caps)
        environment |= self.keys.environment_in_stack(name) | self.certificates.environment(name)
        return Service(
            name,
            environment | dict(options.environment),
            http_port=addresses.http_ports[name],
            log=self.logs / f"{name}.log",
            reaper=self.reaper,
        )

    def _part_ended(self, process: Process, code: int) -> None:
        if not self._failed.done():
            message = f"{process.name} ended with code {code}; the end of its log:"
            self._failed.set_exception(ProcessFailed(f"{message}\n{process.tail()}"))

    async def _stop_all(self) -> None:
        """Services first, so that nobody misses what it needs while it ends."""
        await asyncio.gather(*(service.process.stop() for service in self.services.values()))
        rest = (self.simulator, self.temporal, self.postgres)
        await asyncio.gather(*(part.process.stop() for part in rest))

    async def _clean_up(self) -> None:
        if self._failed.done() and not self._failed.cancelled():
            self._failed.exception()
        if not self.keep:
            await asyncio.to_thread(shutil.rmtree, self.directory, ignore_errors=True)
        await self.reaper.dismiss()


def new_directory() -> Path:
    """A directory of one's own under $TMPDIR, or under /tmp where that path is too long."""
    base = Path(tempfile.gettempdir())
    if len(str(base)) > _LONGEST_DIRECTORY:
        base = Path("/tmp")  # noqa: S108 - mkdtemp makes a private directory there
    return Path(tempfile.mkdtemp(prefix="outreach-", dir=base))
