"""devstack.gameday: the table of faults, and what is told of them."""

import re
from pathlib import Path

import pytest
from devstack.gameday.faults import FAULTS, Fault
from devstack.gameday.further import FURTHER
from devstack.gameday.gameday import Played, chosen_of, run, table
from devstack.observability.rules import alerts

DOCS = Path("docs")
ALL = (*FAULTS, *FURTHER)
ENTRIES = {
    entry.partition("\n")[0]: entry for entry in (DOCS / "alerts.md").read_text().split("\n## ")[1:]
}


def test_ten_faults_are_played() -> None:
    """Each once, and the one from which the database's server does not come back at the end."""
    names = [fault.name for fault in FAULTS]

    assert len(names) == len(set(names)) == 10
    assert names[-1] == "fail-over"


def test_ten_more_are_played_when_they_are_asked_for() -> None:
    """Each is of an alert of its own, which the ten of every gameday do not hear."""
    heard = {fault.alert for fault in FAULTS}
    more = [fault.alert for fault in FURTHER]

    assert len(more) == len({*more} - heard) == 10
    assert chosen_of([]) == FAULTS
    assert tuple(chosen_of(["further"])) == FURTHER
    assert [fault.name for fault in chosen_of(["kill", "wrong key"])] == ["wrong key", "kill"]
    assert chosen_of(["further", "fail-over"])[-1].name == "fail-over"


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: str(fault.name))
def test_what_ends_a_fault_is_in_its_alerts_entry(fault: Fault) -> None:
    """The alert exists, and its entry says to do what the gameday does."""
    assert fault.alert in {rule["alert"] for rule in alerts()}
    (action,) = re.findall(r"\*\*Do this\*\*: (.*)", ENTRIES[fault.alert])
    assert fault.action.lower() in action.lower()


def test_the_page_says_which_alerts_are_played() -> None:
    """Those of the gameday by name, and that all others are played by rule tests alone."""
    page = (DOCS / "alerts.md").read_text().partition("\n## ")[0]
    rows = dict(re.findall(r"^\| ([\w' -]+) \| .* \| \[(\w+)\]\(#\w+\) \|", page, re.MULTILINE))

    assert rows == {fault.name: fault.alert for fault in ALL}


def test_what_happened_fits_a_terminal() -> None:
    """The longest names, times in full minutes and a problem are at most 80 columns wide."""
    played = [
        Played(
            fault=fault.name,
            cause=fault.cause,
            alert=fault.alert,
            action=fault.action,
            fired=110.04,
            told=110.96,
            acted=119.96,
            problem="it fires on after the action, " * 5,
        )
        for fault in ALL
    ]

    lines = table(played).splitlines()

    assert len(lines) == 1 + 2 * len(ALL)
    assert max(map(len, lines)) <= 80
    assert "110.0" in lines[1]
    assert lines[1].endswith(" -")


async def test_a_fault_that_there_is_not_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing played would be nothing failed."""
    assert await run(["kil"]) == 1
    told = capsys.readouterr().err
    assert "kil" in told


async def test_what_is_missing_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lane fails, and names the packages."""
    monkeypatch.setenv("PATH", "")

    assert await run([]) == 1
    told = capsys.readouterr().err
    assert "apt-get install " in told
    assert "prometheus-alertmanager" in told
