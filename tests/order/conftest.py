"""What is told of a run of `make order`: its figures, in build/order.json."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

BUILD = Path(__file__).parents[2] / "build"

Note = Callable[..., None]


@pytest.fixture(scope="module")
def note() -> Iterator[Note]:
    """Keeps figures by name until the end of the run."""
    figures: dict[str, Any] = {}
    yield lambda **told: figures.update(told)
    BUILD.mkdir(exist_ok=True)
    (BUILD / "order.json").write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
