"""No workflow changes without an answer for those that are running."""

import ast
from pathlib import Path

import pytest

from tests.histories import fingerprints


@pytest.mark.parametrize("workflow", fingerprints.MODULES)
def test_every_change_of_a_workflow_is_answered_for(workflow: str) -> None:
    """By a patch, by a new golden history, or in words; recorded histories never change."""
    assert not fingerprints.unanswered(workflow)


def test_what_python_does_not_run_is_no_change() -> None:
    """Comments, docstrings, imports and layout may change freely; a name or a number may not."""
    one = '''"""Says."""
import a
def f(x):
    """Does."""
    # Why.
    return x + 1
'''
    same = "import b\n\ndef f(x):\n    return (x\n            + 1)\n"
    other = "def f(x):\n    return x + 2\n"

    def normal(source: str) -> str:
        return fingerprints._normalised(ast.parse(source))

    assert normal(one) == normal(same)
    assert normal(one) != normal(other)


def test_a_change_alone_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Writing it down again does not do: a patch, a history or a reason is asked for."""
    known = fingerprints.recorded()
    known["lead"]["code"] = "as it was before"
    monkeypatch.setattr(fingerprints, "recorded", lambda: known)
    monkeypatch.setattr(fingerprints, "FILE", tmp_path / "fingerprints.json")

    refused = fingerprints.write_down()

    assert refused == ["lead: no new patch, no new history, no reason"]
    assert not fingerprints.FILE.exists()
    assert fingerprints.write_down(same_commands_because="A name.") == []


def test_a_recorded_history_is_never_rewritten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No reason in the world makes the past of leads another."""
    known = fingerprints.recorded()
    known["lead"]["histories"]["lead-accepted"] = "as it was before"
    monkeypatch.setattr(fingerprints, "recorded", lambda: known)
    monkeypatch.setattr(fingerprints, "FILE", tmp_path / "fingerprints.json")

    refused = fingerprints.write_down(same_commands_because="It looked better.")

    assert refused == ["lead-accepted: recorded histories must not change"]
    assert "lead-accepted" in fingerprints.unanswered("lead")
