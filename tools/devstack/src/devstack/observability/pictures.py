"""Draws each dashboard on live data: `make dashboard-pictures`.

Its panels are drawn by Perses, in a page that `deploy/observability/pictures` is built into, and
pictured by Chromium; the numbers come from a Prometheus that scraped running services.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import httpx
from servicekit.http_server import HttpServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from devstack.demo.demo import fast_clock
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import Flow, read_flow
from devstack.demo.lead_file import invented
from devstack.observability.programs import find, how_to_get
from devstack.observability.prometheus import prometheus
from devstack.observability.rules import ROOT, groups
from devstack.stack.stack import Stack, StackOptions

PICTURES = Path("docs/dashboards")
_LEADS = 40
_NEEDED = ("prometheus", "chromium")
_SPEED = 10_000.0
_SECONDS = 180.0
"""How much of a campaign is seen."""
_CAMPAIGNS = 3
_DRAWN_WITHIN = 90.0
_WIDTH, _ROW, _TITLE = 1200, 420, 60


def height(board: Path) -> int:
    """How high a dashboard is, two panels beside each other and each row with its title."""
    total, beside = _TITLE, 0
    for panel in json.loads(board.read_text())["panels"]:
        if panel["type"] == "row":
            total, beside = total + _TITLE // 2, 0
        else:
            total, beside = total + (0 if beside else _ROW), 1 - beside
    return total


class _Page:
    """The page with a board, and when it is drawn: Chromium pictures what has been loaded."""

    def __init__(self, built: Path) -> None:
        self.drawn = asyncio.Event()
        routes = [
            Route("/drawn", self._tell, methods=["POST"]),
            Route("/drawn.gif", self._until_drawn),
            Mount("/dashboards", StaticFiles(directory=ROOT / "dashboards")),
            Mount("/", StaticFiles(directory=built)),
        ]
        self.server = HttpServer(Starlette(routes=routes))

    async def _tell(self, _: Request) -> Response:
        self.drawn.set()
        return Response(status_code=204)

    async def _until_drawn(self, _: Request) -> Response:
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAWN_WITHIN):
                await self.drawn.wait()
        return Response(media_type="image/gif")


async def _draw(
    chromium: str, page: _Page, board: Path, picture: Path, *, source: str, since: float
) -> bool:
    """Picture one dashboard, from a moment until now; whether all of it was drawn by then."""
    page.drawn.clear()
    shown = {
        "board": board.stem,
        "prometheus": source,
        "from": since * 1e3,
        "to": time.time() * 1e3,
    }
    with tempfile.TemporaryDirectory() as profile:
        process = await asyncio.create_subprocess_exec(
            chromium,
            *("--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu", "--no-first-run"),
            f"--user-data-dir={profile}",
            f"--window-size={_WIDTH},{height(board)}",
            f"--screenshot={Path.cwd() / picture}",
            f"{page.server.url}/index.html?{urlencode(shown)}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await process.wait()
    return page.drawn.is_set()


async def run(built: Path) -> int:
    """Run campaigns under a Prometheus, then draw; 1 if a picture is missing."""
    programs = {name: find(name) for name in _NEEDED}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        sys.stderr.write(f"{how_to_get(missing)}\n")
        return 1
    page, empty = _Page(built), []
    async with _watched(str(programs["prometheus"])) as (http, since), page.server:
        for board in _boards():
            picture = PICTURES / f"{board.stem}.png"
            drawn = await _draw(
                str(programs["chromium"]),
                page,
                board,
                picture,
                source=str(http.base_url).rstrip("/"),
                since=since,
            )
            if not drawn:
                empty.append(board.stem)
    for each in empty:
        sys.stderr.write(f"{each} was not drawn within {_DRAWN_WITHIN:.0f} s.\n")
    return 1 if empty else _told()


@asynccontextmanager
async def _watched(binary: str) -> AsyncIterator[tuple[httpx.AsyncClient, float]]:
    """Campaigns that have run for a while, and who has watched them since when."""
    flow = await asyncio.to_thread(_example)
    async with (
        Stack(StackOptions(clock=fast_clock(_SPEED))) as stack,
        prometheus(binary, stack, groups()) as http,
    ):
        since = time.time()
        driver = Driver(stack)
        await driver.register_accounts(working_hours=ALWAYS)
        await driver.create_endpoints(flow)
        for number in range(_CAMPAIGNS):
            name = f"pictured-{number}"
            leads = stack.directory / f"{name}.csv"
            await asyncio.to_thread(leads.write_text, invented(name, _LEADS))
            created = await driver.create_campaign(flow, name=name)
            await driver.import_leads(created.campaign.campaign_id, leads)
            await driver.start(created.campaign.campaign_id)
            await asyncio.sleep(_SECONDS / _CAMPAIGNS)
        yield http, since


def _example() -> Flow:
    return read_flow(Path("examples/sequence.json").read_text())


def _boards() -> list[Path]:
    return sorted((ROOT / "dashboards").glob("*.json"))


def _told() -> int:
    bad = 0
    for board in _boards():
        picture = PICTURES / f"{board.stem}.png"
        size = picture.stat().st_size if picture.exists() else 0
        bad += not size
        sys.stdout.write(f"{picture}  {size / 1000:.0f} kB\n")
    return 1 if bad else 0


def main(arguments: Sequence[str]) -> int:
    """Draw with the page built into the folder that is given; what was drawn before is gone."""
    PICTURES.mkdir(exist_ok=True)
    for drawn in PICTURES.glob("*.png"):
        drawn.unlink()
    return asyncio.run(run(Path(arguments[0])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
