"""What is measured of a start is processor time of what was typed, next to nothing."""

import json
from pathlib import Path

import pytest
from devstack.comparisons import starts


@pytest.mark.lasts(seconds=3)
def test_each_way_to_begin_is_measured_next_to_nothing() -> None:
    """Help and a TAB, each in times of a Python that does nothing."""
    found = starts.measure(rounds=2)

    assert [*found] == ["python -c pass", "outreach --help", "a TAB"]
    assert found["python -c pass"].times_nothing == 1.0
    assert all(start.milliseconds > 0 for start in found.values())


def test_what_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By how it ends, so that a bench in which it does cannot pass for a good one."""
    taken = {"a TAB": starts.Start(milliseconds=200.0, times_nothing=12.5)}
    monkeypatch.setattr(starts, "measure", lambda: taken)
    written = tmp_path / "build" / "starts.json"

    ended = starts.main(written)

    assert ended == 1
    assert json.loads(written.read_text()) == {
        "a TAB": {"milliseconds": 200.0, "times_nothing": 12.5}
    }
