"""Laws over worlds that are drawn: some dozens of them in the suite, hundreds by `make laws`."""

import json
import os
import sys
from collections import Counter
from pathlib import Path

_FIGURES = Path("build/laws.jsonl")


def worlds(default: int) -> int:
    """How many worlds are drawn: few in the suite, many when asked for."""
    return int(os.environ.get("LAW_WORLDS", default))


def examples() -> int:
    """How many Hypothesis draws for a property that names no number.

    Half of its own number while one works; its own, a hundred, by CI (`LAW_EXAMPLES`) and whenever
    they are drawn anew.
    """
    return int(os.environ.get("LAW_EXAMPLES", "100" if drawn_anew() else "50"))


def drawn_anew() -> bool:
    """Whether Hypothesis draws from `seed`; the suite has the same examples each time."""
    return "LAW_SEED" in os.environ


def seed() -> int:
    """What they are drawn from; the same ones come of the same seed."""
    return int(os.environ.get("LAW_SEED", "20260302"))


def record(law: str, figures: Counter[str]) -> None:
    """Write down what happened in a world, when many were asked for."""
    if "LAW_WORLDS" in os.environ:
        _FIGURES.parent.mkdir(exist_ok=True)
        with _FIGURES.open("a") as file:
            file.write(json.dumps({"law": law, "seed": seed(), "figures": figures}) + "\n")


def main() -> None:
    """Print what happened in all of them, by law."""
    sums: dict[tuple[str, int], Counter[str]] = {}
    for line in _FIGURES.read_text().splitlines():
        told = json.loads(line)
        sums.setdefault((told["law"], told["seed"]), Counter()).update(told["figures"])
    for (law, drawn_from), figures in sorted(sums.items()):
        told = ", ".join(f"{count} {what}" for what, count in figures.items())
        sys.stdout.write(f"{law} (LAW_SEED={drawn_from}): {told}\n")


if __name__ == "__main__":
    main()
