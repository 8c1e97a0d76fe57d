"""devstack.observability.pictures."""

import json
from pathlib import Path

from devstack.demo.lead_file import invented
from devstack.observability.pictures import height


def board(path: Path, *kinds: str) -> Path:
    path.write_text(json.dumps({"panels": [{"type": kind} for kind in kinds]}))
    return path


def test_a_picture_is_as_high_as_its_board(tmp_path: Path) -> None:
    """Two panels stand beside each other, an odd one alone, and each row begins anew."""
    one = height(board(tmp_path / "one.json", "row", "timeseries"))
    two = height(board(tmp_path / "two.json", "row", "timeseries", "timeseries"))
    three = height(board(tmp_path / "three.json", "row", *["timeseries"] * 3))
    rows = height(board(tmp_path / "rows.json", "row", "timeseries", "row", "timeseries"))

    assert one == two < three < rows


def test_nobody_is_in_two_invented_lists() -> None:
    """A person belongs to the campaign that has them; the next one would have to do without."""
    first, second = (invented(name, 3).splitlines()[1:] for name in ("one", "two"))

    assert len(first) == len(second) == 3
    assert not {row.split(",")[2] for row in first} & {row.split(",")[2] for row in second}
