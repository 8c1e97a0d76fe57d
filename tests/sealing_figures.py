"""What `make sealing-cost` has measured, written down by whoever measures."""

import json
import os
import statistics
from collections.abc import Sequence
from pathlib import Path

PAIRS = int(os.environ.get("SEALING_PAIRS", "5"))
FIGURES = Path("build/sealing-cost.json")


def keep(name: str, pairs: Sequence[Sequence[float]]) -> None:
    """Write down the medians of pairs (in clear, sealed), beside what was measured before."""
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    figures[name] = {
        "pairs": len(pairs),
        "load": round(os.getloadavg()[0], 1),
        "in clear": round(statistics.median(clear for clear, _ in pairs), 1),
        "sealed": round(statistics.median(sealed for _, sealed in pairs), 1),
        "ratio": round(statistics.median(sealed / clear for clear, sealed in pairs), 3),
    }
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
