"""The pace of the gateway next to other limiters, on the same PostgreSQL in the same run.

A decision of the ledger is more than a limiter's: it reads holds, suppressions, the queue and
three windows, and writes a row that is kept. So each rate is also told as a share of the
floor, a bare `INSERT ... ON CONFLICT` by as many callers.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from argparse import ArgumentParser, Namespace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import uvloop
from psycopg_pool import ConnectionPool
from servicekit.postgres.migrations import migrate
from servicekit.postgres.pool import Pool

from devstack.bench.gateway import START, BenchedLedger, benched_ledger
from devstack.bench.large_ledger import grow, measure_readings
from devstack.bench.measurements import percentiles, spread
from devstack.bench.reservations import reserve
from devstack.bench.rivals import (
    CALLERS,
    Step,
    limits_memory,
    pyrate_memory,
    pyrate_postgres,
    pyrate_tables,
)
from devstack.bench.waiting import decide, request, wait_for_all, wait_mixed
from devstack.stack.postgres import Postgres
from devstack.stack.processes import Reaper

ACCOUNTS = 1000
_SECONDS = 0.3
_SLICES = 5
"""Of each rival in a run, in turns: what else the machine does meets all of them."""
_RUNS = 3
MIXED_OF_EACH = 150
"""Of each kind of action as many as a campaign of some size has waiting."""
_PEOPLE = 200_000
"""More than are asked for in a run."""
ROWS = 1_000_000
_WOKEN = 2_000
"""Of those that wait beside a long past: as many more than that are left to be read."""
_FLOOR = """
INSERT INTO bench_floor VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = bench_floor.n + 1
"""


async def measure_pace(
    directory: Path, reaper: Reaper, *, rows: int = ROWS, alone: bool = False
) -> dict[str, Any]:
    """Every limiter on one hot key and on a thousand, ten thousand that wait, and all kinds.

    Ten thousand wait once more beside a past of so many rows; with `alone` only so.
    """
    server = Postgres(directory / "pace", directory / "pace.log", reaper)
    await server.create()
    try:
        url = server.url("gateway")
        await migrate(url, "gateway", "linkedin_gateway")
        # On the loop that the services run on, and that cannot start a server as another user.
        return await asyncio.to_thread(uvloop.run, _measure(url, rows=rows, alone=alone))
    finally:
        await server.process.stop()


async def _measure(url: str, *, rows: int, alone: bool) -> dict[str, Any]:
    async with benched_ledger(url, max_size=CALLERS) as ledger:
        pool = ledger.pool
        await pool.execute("CREATE TABLE bench_floor (id integer PRIMARY KEY, n integer NOT NULL)")
        for number in range(ACCOUNTS):
            await ledger.put_account(f"acct_{number}")
        await ledger.put_people("person", _PEOPLE)
        if alone:
            return await _with_a_past(url, ledger, rows=rows)
        with ConnectionPool(url, min_size=CALLERS, max_size=CALLERS, open=True) as connections:
            figures: dict[str, Any] = {
                "1_account": await _side_by_side(ledger, connections, accounts=1),
                "1000_accounts": await _side_by_side(ledger, connections, accounts=ACCOUNTS),
            }
        await pool.execute("TRUNCATE actions")
        figures["10000_waiting"] = await wait_for_all(ledger, waiting=10_000)
        await pool.execute("TRUNCATE actions")
        figures["all_kinds_waiting"] = await wait_mixed(ledger, of_each=MIXED_OF_EACH)
        await pool.execute("TRUNCATE actions")
        return figures | await _with_a_past(url, ledger, rows=rows)


async def _with_a_past(url: str, ledger: BenchedLedger, *, rows: int) -> dict[str, Any]:
    """Ten thousand that wait on one account of a ledger that has many rows."""
    grown = await asyncio.to_thread(grow, url, rows=rows, accounts=ACCOUNTS)
    figures = {
        "grown_in_seconds": round(grown, 1),
        "decisions": await wait_for_all(ledger, waiting=10_000, most_woken=_WOKEN),
        **await measure_readings(ledger),
    }
    return {f"{rows}_rows": figures}


async def _side_by_side(
    ledger: BenchedLedger, connections: ConnectionPool, *, accounts: int
) -> dict[str, Any]:
    """The rivals one after the other, several times, so that all meet the same machine."""
    rivals = {
        "floor": _floor(ledger.pool, accounts),
        "gateway": _gateway(ledger, accounts),
        "pyrate-limiter on PostgreSQL": pyrate_postgres(connections, accounts),
        "pyrate-limiter in memory": pyrate_memory(accounts),
        "limits in memory": limits_memory(accounts),
    }
    kept = ", ".join(("actions", "bench_floor", *pyrate_tables(accounts)))
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in rivals}
    for _ in range(_RUNS):
        # What was decided is kept and counted; a run begins without what the one before kept.
        await ledger.pool.execute(f"TRUNCATE {kept}")
        driven = {name: Driven(step) for name, step in rivals.items()}
        for _ in range(_SLICES):
            for each in driven.values():
                await each.drive()
        for name, each in driven.items():
            runs[name].append(each.figures())
    rates = {name: [run["per_second"] for run in each] for name, each in runs.items()}
    return {
        name: {
            "per_second": spread(rates[name]),
            "p50_ms": spread([run["p50_ms"] for run in each]),
            "p99_ms": spread([run["p99_ms"] for run in each]),
            "share_of_floor": spread(
                [mine / floor for mine, floor in zip(rates[name], rates["floor"], strict=True)]
            ),
        }
        for name, each in runs.items()
    }


class Driven:
    """One rival in one run."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._numbers = itertools.count()
        self._taken: list[float] = []
        self._seconds = 0.0

    async def drive(self) -> None:
        """As many steps as the callers can make in a slice of time."""
        began = time.perf_counter()
        until = began + _SECONDS
        await asyncio.gather(*(self._call(until) for _ in range(CALLERS)))
        self._seconds += time.perf_counter() - began

    async def _call(self, until: float) -> None:
        while (began := time.perf_counter()) < until:
            await self._step(next(self._numbers))
            self._taken.append(time.perf_counter() - began)

    def figures(self) -> dict[str, float]:
        """How fast it was in all its slices."""
        return {"per_second": len(self._taken) / self._seconds, **percentiles(self._taken)}


# --- the rivals ------------------------------------------------------------------------


def _floor(pool: Pool, accounts: int) -> Step:
    return lambda number: pool.execute(_FLOOR, number % accounts)


def _gateway(ledger: BenchedLedger, accounts: int) -> Step:
    async def step(number: int) -> None:
        await decide(ledger, request(number, account=f"acct_{number % accounts}"), now=START)

    return step


async def run_alone(asked: Namespace) -> dict[str, Any]:
    """This part of the bench by itself, or reservations from several processes."""
    directory = Path(mkdtemp(prefix="pace-", dir="/tmp"))
    reaper = Reaper(directory)
    await reaper.start()
    try:
        if asked.rows:
            return await measure_pace(directory, reaper, rows=asked.rows, alone=True)
        if not asked.reservations:
            return await measure_pace(directory, reaper)
        return await _reserve(directory, reaper, asked)
    finally:
        await reaper.dismiss()


async def _reserve(directory: Path, reaper: Reaper, asked: Namespace) -> dict[str, Any]:
    server = Postgres(directory / "pace", directory / "pace.log", reaper)
    await server.create()
    try:
        url = server.url("gateway")
        await migrate(url, "gateway", "linkedin_gateway")
        return await reserve(
            url,
            reservations=asked.reservations,
            processes=asked.processes,
            accounts=asked.accounts,
            span=timedelta(days=asked.days),
            seed=asked.seed,
        )
    finally:
        await server.process.stop()


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m devstack.bench.pace", description=__doc__)
    parser.add_argument("--reservations", type=int, default=0, help="make so many, and check them")
    parser.add_argument("--rows", type=int, default=0, help="only beside a past of so many rows")
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--days", type=float, default=14.0, help="domain time they are spread over")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def keep(figures: dict[str, Any], output: Path) -> None:
    """Write figures of this part down beside what `make bench` has measured."""
    measured = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    measured["pace"] = measured.get("pace", {}) | figures
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asked = _arguments()
    figures = asyncio.run(run_alone(asked))
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    if asked.rows:
        keep(figures, Path("build/bench.json"))
    if figures.get("over_limit"):
        sys.exit(1)
