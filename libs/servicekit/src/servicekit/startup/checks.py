"""What `--check` does: each dependency is reached once, and told of in one line."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from servicekit.errors import ServiceError

EXIT_UNREACHED = os.EX_UNAVAILABLE
"""69: something that the service needs was not reached, or does not do."""
_WITHIN = timedelta(seconds=10)


class NotAsNeeded(Exception):
    """A dependency answers, and is not as the service needs it; the message says how."""


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """Something outside of the process, the setting that says where it is, and one look at it."""

    name: str
    setting: str
    reach: Callable[[], Awaitable[str]]
    """Returns what was found, or raises why not."""


async def reached(
    service: str, dependencies: Sequence[Dependency], *, within: timedelta = _WITHIN
) -> int:
    """Reach all of them at once, print a JSON line for each, and return the exit code."""
    told = await asyncio.gather(*(_reached(each, within) for each in dependencies))
    for dependency, (found, problem, took) in zip(dependencies, told, strict=True):
        line = {
            "event": "dependency_checked",
            "level": "error" if problem else "info",
            "service": service,
            "dependency": dependency.name,
            "setting": dependency.setting,
            "ok": not problem,
            "took_ms": round(took * 1000),
            "timestamp": datetime.now(UTC).isoformat(),
        }
        line |= {"problem": problem} if problem else {"found": found}
        print(json.dumps(line, ensure_ascii=False))  # noqa: T201 - a command's output
    return EXIT_UNREACHED if any(problem for _, problem, _ in told) else os.EX_OK


async def _reached(dependency: Dependency, within: timedelta) -> tuple[str, str, float]:
    """What was found, or what is wrong, and how long that took."""
    found, problem, began_at = "", "", time.monotonic()
    try:
        async with asyncio.timeout(within.total_seconds()):
            found = await dependency.reach()
    except TimeoutError:
        problem = f"no answer within {within.total_seconds():g} s"
    except ServiceError as error:
        cause = f" ({error.__cause__!r})" if error.__cause__ is not None else ""
        problem = f"{error.reason}: {error.message}{cause}"
    except Exception as error:  # noqa: BLE001 - any failure is the answer
        problem = f"{type(error).__name__}: {error}"
    return found, problem, time.monotonic() - began_at
