"""`make webhook-bench`: the lanes one after the other, on a stack of their own in real time."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console
from servicekit.postgres.pool import connect_pool

from devstack.bench.measurements import machine, percentiles, spread
from devstack.webhook_bench.alone import alone
from devstack.webhook_bench.forgetting import fill, forgotten_per_second
from devstack.webhook_bench.publisher import Publisher
from devstack.webhook_bench.receivers import Receivers, receiving

OUTPUT: Final = Path("build/webhooks.json")
_RUNS, _PAIRS = 3, 5
_POSTS = 1500
_ENDPOINTS = 100
_ROUNDS = 6
"""Events of each half of a pair; each goes to a hundred endpoints."""
_PACED, _APART = 300, 0.05
"""Events that are published one by one, and seconds between them."""
_WITHIN = 240.0
_SETTINGS: Final = {"FIRST_RETRY": "500ms", "DELIVERY_TIMEOUT": "5s"}


class WebhookBench:
    """What is measured, on one dispatcher and receivers that answer at once."""

    def __init__(
        self, publisher: Publisher, receivers: Receivers, console: Console, *, owner_url: str
    ) -> None:
        self._owner_url = owner_url
        self._names = itertools.count(1)
        self._publisher = publisher
        self._receivers = receivers
        self._console = console

    async def run(self) -> dict[str, Any]:
        """All lanes, by name."""
        return {
            "published_per_second": await self._publishing(),
            "delivering": await self._delivering(),
            "publish_to_arrival": await self._latency(),
            "forgetting": await self._forgetting(),
            "one_of_a_hundred_hangs": {
                "first_attempts": await self._hanging(refusals=0),
                "retries": await self._hanging(refusals=1),
            },
        }

    async def _publishing(self) -> dict[str, Any]:
        """Nobody listens: a hundred in a call, four calls at once."""
        rates = []
        for _ in range(_RUNS):
            events = self._publisher.events(2 * _POSTS)
            rates.append(await self._publisher.publish_all(events, at_once=4))
        return self._told("published/s", spread(rates))

    async def _delivering(self) -> dict[str, Any]:
        """Published and delivered, next to httpx that posts the same bodies, in turns."""
        paths = [f"each-{number}" for number in range(4)]
        await self._publisher.listen(*map(self._receivers.url, paths))
        self._receivers.keep = 200
        await self._deliver(len(paths), _POSTS // 4)
        bodies = json.dumps([body.decode() for body in self._receivers.bodies])
        delivered, posted = [], []
        for _ in range(_RUNS):
            delivered.append(await self._deliver(len(paths), _POSTS))
            best = [await self._post(bodies, at_once=at_once) for at_once in (8, 25, 50)]
            posted.append(max(best))
        await self._publisher.silence()
        share = median(delivered) / max(posted)
        return {
            "delivered_per_second": self._told("delivered/s", spread(delivered)),
            "httpx_posts_per_second": self._told("httpx posts/s, its best", spread(posted)),
            "share_of_its_best": round(share, 3),
        }

    async def _deliver(self, endpoints: int, deliveries: int) -> float:
        self._receivers.forget()
        events = self._publisher.events(deliveries // endpoints)
        count = endpoints * len(events)
        began = time.monotonic()
        await self._publisher.publish_all(events, at_once=4)
        await self._receivers.arrived(count, within=_WITHIN)
        return count / (time.monotonic() - began)

    async def _post(self, bodies: str, *, at_once: int) -> float:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "devstack.webhook_bench.poster", self._receivers.url("peer")),
            *(str(_POSTS), str(at_once)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await process.communicate(bodies.encode())
        return float(told)

    async def _latency(self) -> dict[str, float]:
        """From before the call that publishes one event to its arrival, twenty a second."""
        name = f"alone-{next(self._names)}"
        await self._publisher.listen(self._receivers.url(name))
        began = await self._paced(_PACED, endpoints=1)
        taken = self._receivers.taken()
        await self._publisher.silence()
        return percentiles([taken[name, event] - at for event, at in began.items()])

    async def _forgetting(self) -> dict[str, Any]:
        """What is old goes, row by row, while events are published and arrive as above."""
        async with connect_pool(self._owner_url, "webhook") as pool:
            await fill(pool)
            before = await self._latency()
            forgetting = asyncio.create_task(forgotten_per_second(pool))
            beside = await self._latency()
            rate = await forgetting
        return {
            "events_and_bodies_per_second": round(rate, 1),
            "publish_to_arrival_before": before,
            "publish_to_arrival_beside": beside,
        }

    async def _paced(
        self, count: int, *, endpoints: int, apart: float = _APART
    ) -> dict[str, float]:
        """When each was published, once all have arrived."""
        self._receivers.forget()
        began = {}
        for event in self._publisher.events(count):
            due = asyncio.create_task(asyncio.sleep(apart))
            began[event.event_id] = await self._publisher.publish([event])
            await due
        await self._receivers.arrived(count * endpoints, within=_WITHIN)
        return began

    async def _hanging(self, *, refusals: int) -> dict[str, Any]:
        """The median of the other 99 while one hangs, next to the same while it answers.

        Of retries each event is refused once at each endpoint, and that is what arrives.
        """
        paths = [f"of-{refusals}-{number}" for number in range(_ENDPOINTS)]
        await self._publisher.listen(*map(self._receivers.url, paths))
        self._receivers.refusals, self._receivers.uncounted = refusals, {paths[0]}
        await self._median_of(paths[1:])
        pairs = []
        for number in range(_PAIRS):
            found = {}
            for hangs in (True, False) if number % 2 else (False, True):
                self._receivers.hang = {paths[0]} if hangs else set()
                found[hangs] = await self._median_of(paths[1:])
            pairs.append((found[True], found[False]))
            self._console.print(f"  one hangs: {found[True]:.3f} s, none: {found[False]:.3f} s")
        self._receivers.hang, self._receivers.refusals = set(), 0
        await self._publisher.silence()
        return {
            "with_one_hung_seconds": spread([hung for hung, _ in pairs]),
            "without_seconds": spread([sound for _, sound in pairs]),
            "ratio": spread([hung / sound for hung, sound in pairs]),
        }

    async def _median_of(self, others: list[str]) -> float:
        began = await self._paced(_ROUNDS, endpoints=len(others), apart=1.0)
        taken = self._receivers.taken()
        return median(taken[path, event] - at for event, at in began.items() for path in others)

    def _told(self, what: str, figures: dict[str, Any]) -> dict[str, Any]:
        self._console.print(f"  {what}: {figures['median']}")
        return figures


async def run(output: Path, console: Console) -> None:
    """Measure on a stack of its own, and write the figures."""
    before = machine()
    async with alone(_SETTINGS) as dispatcher, receiving() as receivers:
        publisher = Publisher(dispatcher.stub)
        bench = WebhookBench(publisher, receivers, console, owner_url=dispatcher.owner_url)
        figures = await bench.run()
    _write(output, figures | {"machine": before})
    console.print(f"Written to {output}", style="dim")


def _write(output: Path, figures: Mapping[str, Any]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(run(OUTPUT, Console()))
