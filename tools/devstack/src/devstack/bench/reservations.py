"""Randomised reservations from several processes on one database.

Each process keeps some requests of each account waiting and asks for them in any order, by a
clock of its own that is a little off. What goes ends well, fails, comes back
unperformed, or never answers. In the end `exactness` checks the rows of every account.

Nobody is called, so there is no provider's clock to judge by: each process gives the ledger the
time, and what is proved is that the ledger keeps its laws in the times that it was given. What the
provider's clock says of replicas whose clocks differ, `test_skewed_clocks.py` of the gateway's
integration tests judges, by the simulator's journal.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import uvloop
from linkedin_gateway.models import DAY, HOUR, WEEK, ActionRequest, ActionState, Cap, Kind
from linkedin_gateway.pace.decisions import Go
from servicekit.postgres.pool import Pool

from devstack.bench.exactness import Performed, broken_limits
from devstack.bench.gateway import RULES, START, BenchedLedger, benched_ledger, request_for

KINDS = (Kind.VISIT, Kind.REACTION, Kind.COMMENT, Kind.MESSAGE, Kind.INMAIL, Kind.LOOKUP)
_CALLERS = 12
# Real seconds, as a deployment has them; in domain time they are as much longer as it is faster.
_LEASE = 10.0
_SKEW = 0.02
_EXPECTED_PER_SECOND = 1500
_PERFORMED = """
SELECT kind, action_id, sent_at, finished_at
  FROM actions
 WHERE account_id = $1 AND sent_at IS NOT NULL
"""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one process does."""

    url: str
    process: int
    reservations: int
    accounts: int
    epoch: float
    """When domain time began, in seconds of this machine's clock."""
    speed: float
    """How fast domain time runs: windows of a week must roll in a run of minutes."""
    seed: int


def caps_of_account(number: int) -> tuple[Cap, ...]:
    """What its customer set: nothing, or low enough to bind often; the same for every process."""
    dice = random.Random(f"caps/{number}")  # noqa: S311 - a draw to repeat
    return tuple(
        Cap(kind=kind, per=per, actions=dice.randint(1, most))
        for kind in KINDS
        for per, most in ((HOUR, 4), (DAY, 12), (WEEK, 50))
        if dice.random() < 0.4  # noqa: PLR2004 - two of five
    )


# --- one process -----------------------------------------------------------------------


class Reserving:
    """One process that asks."""

    def __init__(self, ledger: BenchedLedger, load: Load) -> None:
        self._ledger = ledger
        self._load = load
        self._dice = random.Random(f"{load.seed}/{load.process}")  # noqa: S311 - a draw to repeat
        self._skew = _SKEW * self._dice.uniform(-1, 1)

        self._left = load.reservations
        self._serial = itertools.count()
        self._waiting: dict[int, list[ActionRequest]] = defaultdict(list)
        self.went = 0

    async def run(self) -> None:
        """Ask as often as the load says."""
        await asyncio.gather(*(self._call() for _ in range(_CALLERS)))

    def _now(self) -> datetime:
        real = time.time() + self._skew - self._load.epoch
        return START + timedelta(seconds=real * self._load.speed)

    async def _call(self) -> None:
        while self._left > 0:
            self._left -= 1
            request = self._any_request()
            decision = await self._ledger.decide(request, now=self._now())
            if isinstance(decision, Go):
                self.went += 1
                await self._end(decision)

    def _any_request(self) -> ActionRequest:
        number = self._dice.randrange(self._load.accounts)
        waiting = self._waiting[number]
        if waiting and self._dice.random() < 0.7:  # noqa: PLR2004 - mostly again
            return waiting.pop(self._dice.randrange(len(waiting)))
        request = self._request(number)
        if len(waiting) < 3:  # noqa: PLR2004 - a few of each account
            waiting.append(request)
        return request

    def _request(self, account: int) -> ActionRequest:
        serial = next(self._serial)
        return request_for(
            f"load_{account}",
            action_id=f"load/{self._load.process}/{serial}",
            person=f"person-{self._load.process}-{serial}",
            kind=self._dice.choice(KINDS),
            campaign_id=f"camp_{serial % 3}",
            weight=self._dice.randint(1, 3),
        )

    async def _end(self, go: Go) -> None:
        """It ends in one of the ways in which actions end."""
        drawn = self._dice.random()
        if drawn < 0.0005:  # noqa: PLR2004 - the process dies under it: no answer, ever
            return
        state = ActionState.DONE
        if drawn < 0.05:  # noqa: PLR2004 - it certainly did not happen
            state = ActionState.QUEUED
        elif drawn < 0.15:  # noqa: PLR2004 - refused at the provider
            state = ActionState.FAILED
        await self._ledger.finish(go, state, now=self._now())


async def _reserve(load: Load) -> int:
    lease = timedelta(seconds=_LEASE * load.speed)
    async with benched_ledger(load.url, max_size=4, lease=lease) as ledger:
        reserving = Reserving(ledger, load)
        await reserving.run()
        return reserving.went


# --- all of them -----------------------------------------------------------------------


async def reserve(
    url: str, *, reservations: int, processes: int, accounts: int, span: timedelta, seed: int = 1
) -> dict[str, Any]:
    """Spread reservations over processes, wait for them, and check what they left."""
    async with benched_ledger(url, max_size=2) as ledger:
        for number in range(accounts):
            await ledger.put_account(f"load_{number}", caps=caps_of_account(number))
        for process in range(processes):
            await ledger.put_people(f"person-{process}", reservations // processes + 1)
        began = time.monotonic()
        loads = [
            Load(
                url=url,
                process=process,
                reservations=(reservations + process) // processes,
                accounts=accounts,
                epoch=time.time(),
                speed=span.total_seconds() * _EXPECTED_PER_SECOND / reservations,
                seed=seed,
            )
            for process in range(processes)
        ]
        went = await asyncio.gather(*(_in_a_process(load) for load in loads))
        seconds = time.monotonic() - began
        names = {f"load_{number}": number for number in range(accounts)}
        performed = {name: await _performed(ledger.pool, name) for name in names}
        over = broken_limits(
            performed, caps=lambda name: caps_of_account(names[name]), gap=RULES.gap
        )
    return {
        "reservations": sum(load.reservations for load in loads),
        "processes": processes,
        "accounts": accounts,
        "went": sum(went),
        "counted": sum(map(len, performed.values())),
        "over_limit": len(over),
        "per_second": round(reservations / seconds),
    }


async def _performed(pool: Pool, account_id: str) -> list[Performed]:
    return [
        Performed(
            action_id=row["action_id"],
            kind=Kind(row["kind"]),
            sent_at=row["sent_at"],
            finished_at=row["finished_at"],
        )
        for row in await pool.fetch(_PERFORMED, account_id)
    ]


async def _in_a_process(load: Load) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "devstack.bench.reservations",
        json.dumps(asdict(load)),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"process {load.process} failed")
    return int(output.splitlines()[-1])


if __name__ == "__main__":
    sys.stdout.write(f"{uvloop.run(_reserve(Load(**json.loads(sys.argv[1]))))}\n")
