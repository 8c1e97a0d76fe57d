"""`make test` is without services, and CI runs what it leaves out."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import lanes

ROOT = Path(__file__).parent.parent


def test_no_service_is_started_outside_of_its_lane() -> None:
    """However it is started; a lane would be as slow again as it was, one test after another."""
    with pytest.raises(lanes.StartedOutsideOfItsLane):
        subprocess.Popen([sys.executable, "-m", "campaign_api"], env={})


@pytest.mark.parametrize(
    "module", ["campaign_api.migrate", "unipile_simulator", "tests.integration.nothing"]
)
def test_what_is_no_service_may_be_started(module: str) -> None:
    """Migrations end by themselves, and the simulator is small."""
    assert not lanes.starts_a_service([sys.executable, "-m", module])


def test_ci_runs_both_lanes() -> None:
    """What one of them leaves out is what the other one runs; no law has fewer examples there."""
    ci = (ROOT / ".ci/run").read_text()
    made = (ROOT / "Makefile").read_text()

    assert "make check\n" in ci
    assert "make test-long\n" in ci
    assert "export LAW_EXAMPLES=100\n" in ci
    assert f'pytest -n auto -m "{lanes.LEFT_OUT}" $(TEST_ARGS)\n' in made
    assert f"-m {lanes.LONG} $(TEST_ARGS)\n" in made


def test_long_is_what_lies_or_lasts_so(request: pytest.FixtureRequest) -> None:
    """Whole stacks by their folder, others by what they say that they last."""
    item = request.node
    assert not lanes.is_long(item)

    item.add_marker(pytest.mark.lasts(seconds=5))

    assert lanes.is_long(item)
