"""The tests on the shared stack follow each other."""

import pytest

from tests.servers.stack import needs_stack


def test_no_other_test_runs_between_those_on_the_stack(request: pytest.FixtureRequest) -> None:
    """It is started once, and ends with the last of them."""
    on_the_stack = [needs_stack(item) for item in request.session.items]

    assert on_the_stack == sorted(on_the_stack)
