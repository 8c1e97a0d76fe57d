"""A Prometheus that scrapes a running stack every second, with rules of ours."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import yaml

from devstack.stack.loopback import free_ports, loopback_client
from devstack.stack.services import SERVICES
from devstack.stack.stack import Stack

_SCRAPED_WITHIN = 60.0


@asynccontextmanager
async def prometheus(
    binary: str,
    stack: Stack,
    groups: Iterable[Mapping[str, Any]],
    *,
    alertmanagers: Sequence[str] = (),
) -> AsyncIterator[httpx.AsyncClient]:
    """Runs while the block does; a client for its API. `alertmanagers` are told of alerts."""
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as directory:
        config = await asyncio.to_thread(_configure, Path(directory), stack, groups, alertmanagers)
        arguments = (
            f"--config.file={config}",
            f"--storage.tsdb.path={directory}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        )
        async with running(binary, *arguments), loopback_client(f"http://127.0.0.1:{port}") as http:
            await _scraping(http)
            yield http


@asynccontextmanager
async def running(binary: str, *arguments: str) -> AsyncIterator[None]:
    """A program beside the stack, for as long as the block runs."""
    process = await asyncio.create_subprocess_exec(
        binary, *arguments, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _configure(
    directory: Path,
    stack: Stack,
    groups: Iterable[Mapping[str, Any]],
    alertmanagers: Sequence[str],
) -> Path:
    rules, config = directory / "rules.yaml", directory / "prometheus.yaml"
    # Every second, as it scrapes: there is no time for a rule's own interval.
    shipped = [{"name": group["name"], "rules": group["rules"]} for group in groups]
    rules.write_text(yaml.safe_dump({"groups": shipped}))
    told = {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]}
    config.write_text(
        yaml.safe_dump(
            {
                "global": {
                    "scrape_interval": "1s",
                    "scrape_timeout": "1s",
                    "evaluation_interval": "1s",
                },
                "rule_files": [str(rules)],
                "alerting": told if alertmanagers else {},
                "scrape_configs": [
                    {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
                    for name, port in stack.addresses.http_ports.items()
                ],
            }
        )
    )
    return config


async def _scraping(http: httpx.AsyncClient) -> None:
    """Until each service was scraped: what has grown before is no increase."""
    asked = {"query": "sum(up)"}
    async with asyncio.timeout(_SCRAPED_WITHIN):
        while True:
            with suppress(httpx.HTTPError):
                result = (await http.get("/api/v1/query", params=asked)).json()["data"]["result"]
                if result and float(result[0]["value"][1]) == len(SERVICES):
                    return
            await asyncio.sleep(0.5)
