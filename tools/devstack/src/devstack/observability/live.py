"""Asks a real Prometheus over a running campaign every shipped query: `make observability`."""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from devstack.demo.demo import fast_clock
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import Flow, read_flow
from devstack.observability.programs import find, how_to_get
from devstack.observability.prometheus import prometheus
from devstack.observability.rules import ROOT, groups
from devstack.stack.stack import Stack, StackOptions

LEADS = Path("examples/leads.csv")
_SPEED = 40_000.0
_SEEN_WITHIN = 100.0
"""Seconds, real time, until which every query has an answer: caps are measured each minute."""


def queries() -> Iterator[tuple[str, str]]:
    """Where each query stands, and what it asks, for any minute."""
    for path in sorted((ROOT / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", ()):
                expr = target["expr"].replace("$__rate_interval", "1m")
                yield f"{path.stem}: {panel['title']}", expr
    for group in groups():
        for rule in group["rules"]:
            yield f"rule: {rule.get('record') or rule['alert']}", rule["expr"]


async def unanswered(http: httpx.AsyncClient) -> dict[str, str]:
    """Queries of dashboards without an answer, and queries of rules that are refused."""
    found = {}
    for where, expr in queries():
        answer = (await http.get("/api/v1/query", params={"query": expr})).json()
        if answer["status"] != "success":
            found[where] = answer["error"]
        elif not where.startswith("rule: ") and not answer["data"]["result"]:
            found[where] = "nothing"
    return found


def _example() -> Flow:
    return read_flow(Path("examples/sequence.json").read_text())


async def run(binary: str) -> int:
    """Run the example's campaign to its end, then ask; 1 if a query stays without an answer."""
    flow = await asyncio.to_thread(_example)
    async with (
        Stack(StackOptions(clock=fast_clock(_SPEED))) as stack,
        prometheus(binary, stack, groups()) as http,
    ):
        driver = Driver(stack)
        await driver.register_accounts(working_hours=ALWAYS)
        await driver.create_endpoints(flow)
        created = await driver.create_campaign(flow, name="observed")
        await driver.import_leads(created.campaign.campaign_id, LEADS)
        await driver.start(created.campaign.campaign_id)
        async for _ in driver.watch(created.campaign.campaign_id):
            pass
        missing = await unanswered(http)
        try:
            async with asyncio.timeout(_SEEN_WITHIN):
                while missing:
                    await asyncio.sleep(5)
                    missing = await unanswered(http)
        except TimeoutError:
            pass
    for where, why in missing.items():
        sys.stderr.write(f"{where}: {why}\n")
    sys.stdout.write(f"{len(list(queries()))} queries, {len(missing)} without an answer\n")
    return 1 if missing else 0


def main(arguments: Sequence[str]) -> int:
    """Ask the Prometheus that is given or found; 1 where none is there."""
    binary = next(iter(arguments), "") or find("prometheus")
    if not binary:
        sys.stderr.write(f"{how_to_get(['prometheus'])}\n")
        return 1
    return asyncio.run(run(binary))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
