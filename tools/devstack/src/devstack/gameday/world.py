"""A stack with a campaign under way, and everything that a gameday does to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import campaign_service_pb2
from outreach.linkedin.v1 import hold_pb2
from outreach_client.services.members import Server
from servicekit.errors import ServiceError

from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import read_flow
from devstack.demo.lead_file import invented
from devstack.gameday.database import Follower, ServersClock, SmallDisk
from devstack.stack.loopback import loopback_client
from devstack.stack.simulator import SimulatedAccount
from devstack.stack.stack import Stack

ACCOUNTS = tuple(
    SimulatedAccount(id=f"acc-{number}", name=f"Sender Number{number}") for number in range(12)
)
"""One cool-down of each is more than the alert lets pass in an hour."""
_EVERYTHING = hold_pb2.HOLD_SCOPE_EVERYTHING
_LEADS = 120
_POISON = """
CREATE FUNCTION public.poison() RETURNS trigger LANGUAGE plpgsql
    AS $$BEGIN RAISE EXCEPTION 'a bug of ours'; END$$;
CREATE TRIGGER poison BEFORE INSERT ON gateway.unmatched_messages
    FOR EACH ROW EXECUTE FUNCTION public.poison();
"""
_MEND = "DROP FUNCTION public.poison() CASCADE"
_LAST_TRY = """
UPDATE gateway.inbound SET attempts = 11, retry_at = received_at
 WHERE understood_at IS NULL AND attempts BETWEEN 1 AND 10
"""
_MIGRATION = "BEGIN; LOCK TABLE campaign.campaigns IN ACCESS EXCLUSIVE MODE; COMMIT"
"""What every ALTER TABLE begins with."""
_BLOCKERS = """
SELECT pg_terminate_backend(blocker)
  FROM pg_stat_activity, unnest(pg_blocking_pids(pid)) AS blocker
 WHERE application_name = 'migrate campaign'
"""


class World:
    """One stack, its customer, and what is done to them."""

    def __init__(self, stack: Stack, clock: ServersClock, key_file: Path) -> None:
        self.stack = stack
        self.key_file = key_file
        self.driver = Driver(stack)
        self.disk = SmallDisk(stack.postgres)
        self.follower = Follower(stack)
        self._clock = clock
        self._sessions: list[asyncpg.Connection[Any]] = []
        self._waiting: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Accounts, and a campaign with all of them."""
        await self.driver.register_accounts(working_hours=ALWAYS)
        self._campaign = await self.new_campaign("before")

    async def new_campaign(self, name: str) -> str:
        """A campaign that has just begun, with people nobody has contacted."""
        flow = read_flow(await asyncio.to_thread(Path("examples/sequence.json").read_text))
        leads = self.stack.directory / f"{name}.csv"
        await asyncio.to_thread(leads.write_text, invented(name, _LEADS))
        if name == "before":
            await self.driver.create_endpoints(flow)
        created = await self.driver.create_campaign(flow, name=name)
        campaign_id = created.campaign.campaign_id
        await self.driver.import_leads(campaign_id, leads)
        await self.driver.start(campaign_id)
        return campaign_id

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[None]:
        """Once a second a customer asks how it goes, and each service is asked if it is ready."""
        asking = asyncio.create_task(self._ask_on())
        try:
            yield
        finally:
            asking.cancel()
            await asyncio.gather(asking, *self._waiting, return_exceptions=True)

    async def _ask_on(self) -> None:
        while True:
            self._begin(self._status())
            for service in self.stack.services.values():
                self._begin(_ready(service.url))
            await asyncio.sleep(1)

    def _begin(self, asking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(asking)
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _status(self) -> None:
        asked = campaign_service_pb2.GetCampaignStatusRequest(campaign_id=self._campaign)
        with suppress(ServiceError):
            await self.stack.client.campaigns.get_status(asked)

    async def freeze(self, service: str) -> None:
        """Have a process stand still."""
        self.stack.parts[service].process.freeze()

    async def restart(self, service: str) -> None:
        """End a process that does not answer, as whoever asks for its liveness does; start it."""
        await self.stack.kill(service)
        await self.stack.start(service)

    async def let_end_certificate(self, service: str) -> None:
        """A service's certificate is over in a moment."""
        now = datetime.now(UTC)
        self.stack.certificates.renew(
            service, not_before=now - timedelta(days=1), not_after=now + timedelta(seconds=3)
        )

    async def renew_certificate(self, service: str) -> None:
        """It has a new one."""
        self.stack.certificates.renew(service)

    async def poison(self) -> None:
        """Have the gateway fail at a stranger's message until only people can help."""
        self._poisoned_at = self._now()
        await self.execute(_POISON)
        await self.stack.simulator.put_person("somebody-unknown")
        await self.stack.simulator.write_as(
            "somebody-unknown", "Is this the right address?", account_id=ACCOUNTS[0].id
        )
        while await self.execute(_LAST_TRY) == "UPDATE 0":  # noqa: ASYNC110 - another process stores it
            await asyncio.sleep(0.2)

    async def mend_and_replay(self) -> None:
        """Mend what fails, and have it heard again."""
        await self.execute(_MEND)
        await self.stack.client.inbound.replay(since_time=self._poisoned_at)

    async def storm(self) -> None:
        """Have Unipile refuse everything as too much, while new people are to be contacted."""
        await self.stack.simulator.order_fault(route="*", fault="429", times=None)
        await self.new_campaign("storm")

    async def storm_is_over(self) -> None:
        await self.stack.simulator.cancel_faults()
        await self.lift_everything()

    async def hold_everything(self) -> None:
        """Nothing is asked of LinkedIn any more."""
        await self.stack.client.holds.put(scope=_EVERYTHING, reason="A gameday.")

    async def lift_everything(self) -> None:
        await self.stack.client.holds.lift(scope=_EVERYTHING, allow_missing=True)

    async def stick_migration(self) -> None:
        """Somebody's session has read a table and is left open; a migration is to alter it."""
        reader = await self._session("somebody's psql")
        await reader.execute("BEGIN; SELECT count(*) FROM campaign.campaigns")
        migration = await self._session("migrate campaign")
        self._begin(_done(migration, _MIGRATION))

    async def end_blocker(self) -> None:
        """End who is in a migration's way."""
        await self.execute(_BLOCKERS)

    async def step_clock(self, by: str) -> None:
        """Set the clock of the database's server."""
        await asyncio.to_thread(self._clock.step, by)

    async def fail_over(self) -> None:
        """The database's server is gone, and its address leads to one that only follows."""
        await self.follower.start()
        await self.stack.kill("postgres")
        await self.follower.take_the_address()

    async def export_audit(self) -> None:
        """Keep what is left of campaign-api's audit."""
        audit = self.stack.client.audits[Server.CAMPAIGN_API]
        with (self.stack.directory / "audit.txt").open("w") as kept:
            async for answer in audit.export_records():
                await asyncio.to_thread(kept.write, str(answer))

    async def _session(self, application: str) -> asyncpg.Connection[Any]:
        connection = await asyncpg.connect(
            self.stack.postgres.url("postgres"), server_settings={"application_name": application}
        )
        self._sessions.append(connection)
        return connection

    async def execute(self, statement: str) -> str:
        """Have the database's administrator do something."""
        connection = await asyncpg.connect(self.stack.postgres.url("postgres"))
        try:
            return await connection.execute(statement)
        finally:
            await connection.close()

    def _now(self) -> Timestamp:
        """The time of the sandbox, a while ago."""
        made = Timestamp()
        made.FromDatetime(self.stack.clock.now() - timedelta(hours=1))
        return made

    async def leave(self) -> None:
        """End what was left open."""
        for connection in self._sessions:
            connection.terminate()
        await self.follower.stop()
        await self.disk.unmount()


async def _ready(url: str) -> None:
    async with loopback_client(url, timeout=2.0) as http:
        with suppress(httpx.HTTPError):
            await http.get("/readyz")


async def _done(connection: asyncpg.Connection[Any], statement: str) -> None:
    # Left open at the end, it is cut off.
    with suppress(asyncpg.ConnectionDoesNotExistError, asyncpg.InterfaceError):
        await connection.execute(statement)
