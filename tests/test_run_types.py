"""Whatever a program can run is there as a whole; what is forgotten of a new type is told by file.

The list of what a type takes is docs/automation.md, "Add a workflow".
"""

from importlib import import_module
from typing import Any

import pytest
from automation.programs.temporal_schedules import WORKFLOW_BY_TYPE
from automation.runs.run import RunType
from campaign_api.automation.temporal import workflow_of
from outreach_worker.worker import PURE_MODULES, WORKFLOWS
from temporalio import workflow

from tests.histories import fingerprints
from tests.histories.record import RUNS

BY_NAME: dict[str, Any] = {
    workflow._Definition.must_from_class(each).name or "": each for each in WORKFLOWS
}


@pytest.mark.parametrize("of", RunType)
def test_the_workflow_of_a_type_is_served(of: RunType) -> None:
    """A schedule that starts what nobody serves says nothing: its runs wait until they time out."""
    name = WORKFLOW_BY_TYPE[of]

    assert name in BY_NAME, f"{name}: add it to WORKFLOWS of outreach_worker/worker.py"
    frame = BY_NAME[name]()._frame
    assert frame._of is of, f"{name}: its RunFrame is of {frame._of}; its row would be another's"


@pytest.mark.parametrize("of", RunType)
def test_by_hand_the_same_workflow_begins(of: RunType) -> None:
    """What a schedule starts and what a person triggers is one thing."""
    begun = workflow_of(of)

    assert begun.__qualname__ == f"{WORKFLOW_BY_TYPE[of]}Contract.run", (
        "workflow_of of campaign_api/automation/temporal.py begins another contract than _KINDS of"
        " automation/programs/temporal_schedules.py"
    )


@pytest.mark.parametrize("of", RunType)
def test_the_past_of_a_type_is_recorded(of: RunType) -> None:
    """One that is not would break when its code changes, and nobody would be asked."""
    module = BY_NAME[WORKFLOW_BY_TYPE[of]].__module__
    kinds = [kind for kind, of_kind in fingerprints.WORKFLOWS.items() if of_kind == module]

    assert kinds, f"{module}: add it to WORKFLOWS of tests/histories/fingerprints.py"
    assert kinds[0] in RUNS, f"{kinds[0]}: add its contract to RUNS of tests/histories/record.py"


@pytest.mark.parametrize("kind", fingerprints.WORKFLOWS.keys() - {"delivery"})
def test_what_a_workflow_imports_is_loaded_once(kind: str) -> None:
    """The sandbox loads everything else anew for each workflow that begins, for milliseconds."""
    own = fingerprints.WORKFLOWS.values()
    imported = [
        each
        for each in fingerprints.modules(kind)
        if each.startswith("outreach_worker.")
        and each not in own
        and not hasattr(import_module(each), "__path__")
    ]

    forgotten = {*imported} - {*PURE_MODULES}
    assert not forgotten, "add them to PURE_MODULES of outreach_worker/worker.py"
