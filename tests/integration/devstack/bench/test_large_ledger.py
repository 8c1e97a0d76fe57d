"""The bench of a ledger with a long past, on a short one."""

import json
from collections.abc import Callable
from pathlib import Path

from devstack.bench.gateway import benched_ledger
from devstack.bench.large_ledger import grow, measure_readings
from devstack.bench.pace import keep
from devstack.bench.waiting import wait_for_all


async def test_everything_beside_a_past_is_measured(new_database: Callable[..., str]) -> None:
    """Decisions, pages of every state and the gauge have their figures."""
    url = new_database(("gateway", "linkedin_gateway"))
    grow(url, rows=2000, accounts=5)
    async with benched_ledger(url, max_size=2) as ledger:
        for number in range(5):
            await ledger.put_account(f"acct_{number}")
        await ledger.put_people("person", 40)

        decisions = await wait_for_all(ledger, waiting=40, most_woken=10)
        figures = await measure_readings(ledger)

    assert decisions["performed"] > 0
    assert {"any", "failed", "unknown", "done"} <= figures["list_actions"].keys()
    assert figures["queued_gauge"]["p50_ms"] > 0
    assert figures["hold_lifted"]["call"]["p50_ms"] > 0


def test_figures_are_kept_beside_the_others(tmp_path: Path) -> None:
    """A part of the bench that runs alone replaces its own figures and no others."""
    output = tmp_path / "build" / "bench.json"
    keep({"1000_rows": 1, "2000_rows": 1}, output)

    keep({"2000_rows": 2}, output)

    assert json.loads(output.read_text()) == {"pace": {"1000_rows": 1, "2000_rows": 2}}
