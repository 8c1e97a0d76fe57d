"""Asks a real Prometheus over a running campaign every shipped query: `make observability`."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import yaml

from devstack.demo.demo import fast_clock
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import Flow, read_flow
from devstack.observability.rules import ROOT, groups
from devstack.stack.loopback import free_ports, loopback_client
from devstack.stack.services import SERVICES
from devstack.stack.stack import Stack, StackOptions

HOW_TO_GET = (
    "prometheus is not there. Debian has it in the package prometheus (apt-get install prometheus),"
    " or give its path as PROMETHEUS."
)
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


@asynccontextmanager
async def _prometheus(binary: str, stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A Prometheus that scrapes the stack's services every second, with the rules."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as directory:
        config = await asyncio.to_thread(_configure, Path(directory), stack)
        process = await asyncio.create_subprocess_exec(
            binary,
            f"--config.file={config}",
            f"--storage.tsdb.path={directory}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
            stdin=asyncio.subprocess.DEVNULL,
        )
        try:
            async with loopback_client(f"http://127.0.0.1:{port}") as http:
                yield http
        finally:
            process.terminate()
            await process.wait()


def _configure(directory: Path, stack: Stack) -> Path:
    rules, config = directory / "rules.yaml", directory / "prometheus.yaml"
    # Every second, as it scrapes: there is no time for a rule's own interval.
    shipped = [{"name": group["name"], "rules": group["rules"]} for group in groups()]
    rules.write_text(yaml.safe_dump({"groups": shipped}))
    config.write_text(yaml.safe_dump(_config(stack, rules)))
    return config


def _config(stack: Stack, rules: Path) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rules)],
        "scrape_configs": [
            {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
            for name, port in stack.addresses.http_ports.items()
        ],
    }


def _example() -> Flow:
    return read_flow(Path("examples/sequence.json").read_text())


async def _scraping(http: httpx.AsyncClient) -> None:
    """Until each service was scraped: what has grown before is no increase."""
    asked = {"query": "sum(up)"}
    async with asyncio.timeout(60):
        while True:
            with suppress(httpx.HTTPError):
                result = (await http.get("/api/v1/query", params=asked)).json()["data"]["result"]
                if result and float(result[0]["value"][1]) == len(SERVICES):
                    return
            await asyncio.sleep(0.5)


async def run(binary: str) -> int:
    """Run the example's campaign to its end, then ask; 1 if a query stays without an answer."""
    flow = await asyncio.to_thread(_example)
    async with (
        Stack(StackOptions(clock=fast_clock(_SPEED))) as stack,
        _prometheus(binary, stack) as http,
    ):
        await _scraping(http)
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
    binary = next(iter(arguments), "") or shutil.which("prometheus")
    if not binary:
        sys.stderr.write(f"{HOW_TO_GET}\n")
        return 1
    return asyncio.run(run(binary))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
