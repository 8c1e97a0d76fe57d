"""What the command that seals anew takes."""

import pytest
from servicekit.startup.rotating import _parser


@pytest.mark.parametrize("said", ["0", "0.9", "-3", "nan", "soon"])
def test_who_writes_keeps_their_keys(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that was read before it was retired may seal one row more: an hour is the least."""
    with pytest.raises(SystemExit) as refused:
        _parser("campaign-api").parse_args(["--older-than", "0", "--keep-retired", said])

    assert refused.value.code == 2
    assert "--keep-retired" in capsys.readouterr().err


def test_an_hour_is_enough() -> None:
    """And a day it is where nobody says."""
    parser = _parser("campaign-api")

    assert parser.parse_args(["--keep-retired", "1"]).keep_retired == 1
    assert parser.parse_args([]).keep_retired == 24
