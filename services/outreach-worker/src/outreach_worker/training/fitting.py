"""The child process in which a model is fitted: what that takes is gone when it ends."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta

from automation.training.challenge import RankingModel, task_json
from automation.training.dataset import TrainingRow
from automation.training.training_result import TrainingResult, result_of

PROGRAM = ("-m", "automation.training.fit")
_TOLD = 2_000
"""Characters of what the child says when it fails."""
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
"""More would add up in another order each time."""


_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
"""What the child needs; keys and addresses of databases are none of its business."""


class FittingFailed(RuntimeError):
    """The child has ended without a result, or was too slow; what it said is told."""


class FittingProcess:
    """Fits in a child, one a call; the child dies with the call."""

    def __init__(
        self,
        *,
        within: timedelta,
        command: Sequence[str] = (sys.executable, *PROGRAM),
    ) -> None:
        self._within = within
        self._command = command

    async def train(
        self,
        rows: Sequence[TrainingRow],
        *,
        seed: int,
        rules: str = "",
        champion: RankingModel | None = None,
    ) -> TrainingResult:
        """What is learned of the rows, next to what ranks. Raises `FittingFailed`.

        `rules` is the digest of those whose points the rows have.
        """
        task = task_json(rows, rules=rules, champion=champion)
        child = await asyncio.create_subprocess_exec(
            *self._command,
            str(seed),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
        )
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                told, failed = await child.communicate(task.encode())
        except TimeoutError as error:
            raise FittingFailed(f"not done within {self._within}") from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode:
            # Rows have keys and levels alone, so nothing of a person can be in it.
            raise FittingFailed(f"exit {child.returncode}: {failed.decode()[-_TOLD:]}")
        try:
            return result_of(told.decode())
        except (ValueError, KeyError, TypeError) as error:
            raise FittingFailed("what it says is no result") from error


def _environment() -> dict[str, str]:
    known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return known | _ONE_THREAD
