"""A model is fitted in a child, which ends with its call whatever becomes of it."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from automation.training.evaluation import Evaluation, Verdict
from automation.training.training_result import TrainingResult, result_json
from outreach_worker.training.fitting import FittingFailed, FittingProcess

from tests.unit.automation.training.people import people

LEARNING = TrainingResult.of(Verdict.LEARNING, Evaluation(matured=3, accepted=1, companies=3))


def child(script: str, *, seconds: float = 30) -> FittingProcess:
    """One that runs a script instead."""
    return FittingProcess(
        within=timedelta(seconds=seconds), command=(sys.executable, "-S", "-c", script)
    )


async def test_the_child_gets_rows_and_seed_and_tells_the_result() -> None:
    """By its standard input and output; first of which rules the rows have the points."""
    told = result_json(LEARNING)
    script = f"""
import sys
first, *rows = sys.stdin.read().splitlines()
assert "ab12" in first and len(rows) == 3 and sys.argv[1] == "7"
print({told!r})
"""

    assert await child(script).train(people(3), seed=7, rules="ab12") == LEARNING


async def test_the_child_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what the worker is configured with it has nothing."""
    monkeypatch.setenv("OUTREACH_WORKER_DATABASE_URL", "postgresql://worker:secret@database")
    script = f"""
import os, sys
sys.stdin.read()
assert not [name for name in os.environ if "OUTREACH" in name], os.environ
print({result_json(LEARNING)!r})
"""

    assert await child(script).train(people(3), seed=1) == LEARNING


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("raise SystemExit('no module named sklearn')", "no module named sklearn"),
        ("import os; os.kill(os.getpid(), 9)", "exit -9"),
        ("print('{}')", "no result"),
        ("print('')", "no result"),
    ],
)
async def test_a_child_without_a_result_has_failed(script: str, told: str) -> None:
    """And what it said is told."""
    with pytest.raises(FittingFailed, match=told):
        await child(script).train(people(3), seed=1)


async def test_a_child_that_reads_nothing_has_failed() -> None:
    """However much it is given."""
    with pytest.raises(FittingFailed, match="exit 3"):
        await child("raise SystemExit(3)").train(people(5_000), seed=1)


HANGS = """
import os, time
with open({path!r}, "w") as told: told.write(str(os.getpid()))
time.sleep(600)
"""


async def test_a_child_that_is_too_slow_is_ended() -> None:
    """And that is said."""
    with pytest.raises(FittingFailed, match="not done within"):
        await child("import time; time.sleep(600)", seconds=0.5).train(people(3), seed=1)


async def test_a_child_ends_with_a_call_that_is_cancelled(tmp_path: Path) -> None:
    """As when the worker shuts down; it does not stay behind."""
    path = tmp_path / "pid"
    os.mkfifo(path)
    call = asyncio.create_task(child(HANGS.format(path=str(path))).train(people(3), seed=1))
    pid = int(await asyncio.to_thread(path.read_text))

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
