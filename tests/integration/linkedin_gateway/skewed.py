"""The gateway on a machine whose clock is wrong by so many seconds: `python -m … SECONDS`.

Every clock on the wall that Python has is moved before anything reads one; clocks that measure
durations are not.
"""

import datetime as dt
import runpy
import sys
import time
from typing import Any


def skew(seconds: float) -> None:
    """Move this process's clocks on the wall."""
    true_time, true_datetime = time.time, dt.datetime

    class _AnyDatetime(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, true_datetime)

    class Skewed(true_datetime, metaclass=_AnyDatetime):
        __slots__ = ()

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return true_datetime.fromtimestamp(true_time() + seconds, tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(dt.UTC).replace(tzinfo=None)

    time.time = lambda: true_time() + seconds
    dt.datetime = Skewed  # type: ignore[misc]


if __name__ == "__main__":
    skew(float(sys.argv.pop()))
    runpy.run_module("linkedin_gateway", run_name="__main__")
