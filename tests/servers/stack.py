"""The local stack of the end-to-end tests: which of them need it, one after the other."""

from pathlib import Path

import pytest

_WHERE = Path(__file__).parents[1] / "e2e"


def needs_stack(item: pytest.Item | None) -> bool:
    """Whether a test runs on the stack that they share."""
    return (
        item is not None
        and item.path.is_relative_to(_WHERE)
        and "stack" in getattr(item, "fixturenames", ())
    )
