"""Wrapping keys and data keys are changed while a campaign runs, and no old one is needed after."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography.fernet import Fernet
from devstack.demo.demo import fast_clock
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import Flow
from devstack.demo.outcome import collect_outcome
from devstack.stack.services import SERVICES, prefix
from devstack.stack.stack import Stack, StackOptions
from servicekit.errors import ServiceError

from tests.e2e.conftest import ACCOUNTS

pytestmark = pytest.mark.asyncio(loop_scope="session")

SPEED = 20_000.0
PEOPLE = 60
READ_WITHIN = 1.5
"""Real seconds after which each process has read its file again."""
RESEALS = {
    "campaign-api": "campaign_api.reseal",
    "linkedin-gateway": "linkedin_gateway.storage.reseal",
    "webhook-dispatcher": "webhook_dispatcher.reseal",
}
FIGURES = Path("build/sealing-rotation.json")
_DESTROY = "DELETE FROM {}.data_keys WHERE retired_at IS NOT NULL"


@dataclass
class Changes:
    """The keys of the file that all services read, and what changing them came to."""

    stack: Stack
    file: Path
    keys: list[str] = field(default_factory=lambda: [Fernet.generate_key().decode()])
    changes: int = 0
    sealed_anew: int = 0

    def say(self, *keys: str) -> None:
        """Put the file in the place of the one before, whole."""
        new = self.file.with_suffix(".new")
        new.write_text("\n".join(keys))
        new.replace(self.file)

    async def change(self) -> None:
        """The three phases of the runbook, then every data key as well."""
        (old,) = self.keys
        new = Fernet.generate_key().decode()
        for order in ((old, new), (new, old)):
            self.say(*order)
            await asyncio.sleep(READ_WITHIN)
        await self.reseal("--older-than", "0", "--keep-retired", "1")
        # A key that was made meanwhile is wrapped by the new one.
        await self.reseal()
        self.say(new)
        self.keys[:] = [new]
        await asyncio.sleep(READ_WITHIN)
        self.changes += 1

    async def reseal(self, *arguments: str) -> None:
        await asyncio.gather(
            *(asyncio.to_thread(self._run, name, *arguments) for name in RESEALS),
        )

    def _run(self, name: str, *arguments: str) -> None:
        command = self.stack.services[name].process.command
        done = subprocess.run(
            [sys.executable, "-m", RESEALS[name], *arguments],
            env=dict(command.environment),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout[-2000:]} {done.stderr[-500:]}"
        for sealed in re.findall(r'"sealed":\s*(\d+)', done.stdout):
            self.sealed_anew += int(sealed)


async def unreadable(stack: Stack) -> Counter[str]:
    """How many values each process could not open."""
    found: Counter[str] = Counter()
    async with httpx.AsyncClient() as http:
        for name, service in stack.services.items():
            text = (await http.get(f"{service.url}/metrics")).text
            for count in re.findall(
                r"^sealed_values_unreadable_total ([\d.]+)$", text, re.MULTILINE
            ):
                found[name] += int(float(count))
    return +found


async def read_all(driver: Driver, campaign_id: str, ended: asyncio.Event) -> tuple[int, list[str]]:
    """Ask for all leads until it is over; how often, and what failed."""
    calls, failed = 0, list[str]()
    while not ended.is_set():
        try:
            leads = await driver.leads(campaign_id)
            if not all(each.lead.email for each in leads):
                failed.append("a lead without its details")
        except ServiceError as error:
            failed.append(f"{error.reason} {error.message}")
        calls += 1
    return calls, failed


def write_down(**figures: int) -> None:
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(figures) + "\n")


def list_of(people: int) -> str:
    names = ("Rota" + chr(97 + number // 26) + chr(97 + number % 26) for number in range(people))
    rows = (
        f"{name},Person,rota{number}@post.example,Rota Works,"
        f"https://www.linkedin.com/in/rota-{number:02}-person"
        for number, name in enumerate(names)
    )
    return "\n".join(["first_name,last_name,email,company,linkedin_url", *rows])


@pytest.mark.skipif(
    not os.environ.get("SEALING_ROTATION"), reason="lasts minutes: make sealing-rotation"
)
@pytest.mark.timeout(900)
async def test_keys_are_changed_beside_a_campaign(flow: Flow, tmp_path: Path) -> None:
    """No call fails, nobody is contacted twice, and with all old keys gone everything is read."""
    changes = Changes(stack=None, file=tmp_path / "keys")  # type: ignore[arg-type]
    changes.say(*changes.keys)
    said = {f"{prefix(name)}_SEALING_KEYS": "" for name in SERVICES} | {
        f"{prefix(name)}_SEALING_KEYS_FILE": str(changes.file) for name in SERVICES
    }
    options = StackOptions(clock=fast_clock(SPEED), accounts=ACCOUNTS, environment=said)
    async with Stack(options) as stack:
        changes.stack = stack
        driver = Driver(stack, organization_id="org_rota")
        await driver.register_accounts(working_hours=ALWAYS)
        await driver.create_endpoints(flow)
        for number in range(PEOPLE):
            await stack.simulator.put_person(
                f"rota-{number:02}-person", temperament="replies_to_first_followup"
            )
        leads = tmp_path / "leads.csv"
        leads.write_text(list_of(PEOPLE))
        campaign = (await driver.create_campaign(flow, name="Rotated")).campaign.campaign_id
        await driver.import_leads(campaign, leads)
        await driver.start(campaign)
        ended = asyncio.Event()
        reading = asyncio.create_task(read_all(driver, campaign, ended))
        while True:
            await changes.change()
            if (await driver.status(campaign)).HasField("end_time"):
                break
        ended.set()
        calls, failed = await reading
        lost = await unreadable(stack)
        outcome = await collect_outcome(driver, campaign)

        # What was written while keys changed is sealed by others now; nobody writes any more.
        await changes.reseal("--older-than", "0", "--keep-retired", "1")
        with psycopg.connect(stack.postgres.url("postgres"), autocommit=True) as connection:
            for schema in ("campaign", "gateway", "webhook"):
                connection.execute(_DESTROY.format(schema))
        for name in SERVICES:
            await stack.restart(name)
        listed = await driver.leads(campaign)
        lost_after = await unreadable(stack)

    write_down(
        changes=changes.changes,
        calls=calls,
        failed=len(failed),
        sealed_anew=changes.sealed_anew,
    )
    assert failed == []
    assert (lost, lost_after) == ({}, {})
    assert [check for check in outcome.checks if not check.holds] == []
    assert {each.lead.email for each in listed} == {f"rota{n}@post.example" for n in range(PEOPLE)}
    assert any(each.lead.reply for each in listed)
