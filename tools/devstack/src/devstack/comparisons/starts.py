"""What `outreach` takes before anything is asked, next to a Python that does nothing.

Its help, and a TAB behind which the names of campaigns are known, in processor time of a process of
its own: `python -m devstack.comparisons.starts` prints it and writes build/starts.json.
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

MOST_TIMES = 8
"""Times a Python that does nothing: more is felt by who types."""
_ROUNDS = 15
_MAIN = "from outreach_client.entry import main; main()"
_HELP = f"import sys; sys.argv[1:] = ['--help']; {_MAIN}"
_TAB = (
    "import os, sys; os.environ['_OUTREACH_COMPLETE'] = '1';"
    f" sys.argv[1:] = ['campaigns', 'pause', 'S']; {_MAIN}"
)
_REMEMBER = (
    "from outreach_client.names.memory import note_names;"
    " from outreach_client.names.nouns import Noun;"
    " note_names('default', Noun.CAMPAIGN,"
    " {f'camp_{number}': f'Spring {number}' for number in range(200)})"
)
_OUTPUT = Path("build/starts.json")


@dataclass(frozen=True, kw_only=True)
class Start:
    """Processor time of one way to begin, the least of all rounds."""

    milliseconds: float
    times_nothing: float


def measure(rounds: int = _ROUNDS) -> Mapping[str, Start]:
    """By what is typed; each in turn, for what others do on the machine only adds to any."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "OUTREACH_CONFIG_HOME": home}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _processor_seconds(_REMEMBER, environment)
        ways = {"python -c pass": "pass", "outreach --help": _HELP, "a TAB": _TAB}
        least = dict.fromkeys(ways, inf)
        for _ in range(rounds):
            for name, code in ways.items():
                least[name] = min(least[name], _processor_seconds(code, environment))
    nothing = least["python -c pass"]
    return {
        name: Start(
            milliseconds=round(seconds * 1000, 1), times_nothing=round(seconds / nothing, 2)
        )
        for name, seconds in least.items()
    }


def main(output: Path = _OUTPUT) -> int:
    """Measure, write and print; 1 where something takes more than it may."""
    found = measure()
    output.parent.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {name: vars(start) for name, start in found.items()}
    output.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    table = Table("start", "processor", "times nothing", "at most", box=None)
    for name, start in found.items():
        shown = (f"{start.milliseconds} ms", str(start.times_nothing), str(MOST_TIMES))
        table.add_row(name, *shown)
    Console().print(table)
    return int(any(start.times_nothing > MOST_TIMES for start in found.values()))


def _processor_seconds(code: str, environment: Mapping[str, str]) -> float:
    """What a Python of ours takes for some code, all of it; raises `RuntimeError` if it fails."""
    nowhere: Sequence[Any] = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-c", code], environment, file_actions=nowhere
    )
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"it failed: {code}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
