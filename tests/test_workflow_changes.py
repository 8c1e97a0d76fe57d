"""No workflow changes without an answer for those that are running."""

import ast
from pathlib import Path

import pytest

from tests.histories import fingerprints
from tests.test_house_rules import tracked


@pytest.mark.parametrize("workflow", fingerprints.WORKFLOWS)
def test_every_change_of_a_workflow_is_answered_for(workflow: str) -> None:
    """By a patch, by a new golden history, or in words; recorded histories never change."""
    assert not fingerprints.unanswered(workflow)


def workflows_in(tree: ast.Module) -> set[str]:
    """The names under which a module's workflows are known to Temporal."""
    return {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "workflow.defn"
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }


def test_every_workflow_is_guarded() -> None:
    """One that is added beside the table would change unseen."""
    defined = {
        name
        for path in tracked("libs/*/src/**/*.py", "services/*/src/**/*.py")
        for name in workflows_in(ast.parse(path.read_text()))
    }

    guarded = {
        name
        for module in fingerprints.WORKFLOWS.values()
        for name in workflows_in(ast.parse(fingerprints.source(module)))
    }

    assert guarded == defined


@pytest.mark.parametrize("workflow", fingerprints.WORKFLOWS)
def test_every_workflow_has_golden_histories(workflow: str) -> None:
    """Without one nothing replays: a change would be answered for in words alone."""
    assert fingerprints.present(workflow).histories


def said_otherwise(source: str) -> str:
    """The source with its first number or word changed that is no docstring."""
    tree = ast.parse(source)
    said = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in said and node.value:
            node.value = node.value + 1 if isinstance(node.value, int) else f"not {node.value}"
            return ast.unparse(tree)
    return source


@pytest.mark.parametrize("workflow", fingerprints.WORKFLOWS)
def test_a_changed_constant_is_noticed(workflow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it stands behind the workflow: once, some modules could change unseen."""
    before, source = fingerprints.present(workflow).code, fingerprints.source
    changed, unnoticed = 0, []

    for module in fingerprints.modules(workflow):
        otherwise = said_otherwise(source(module))
        if otherwise != source(module):
            changed += 1
            with monkeypatch.context() as patch:
                told = {module: otherwise}
                patch.setattr(
                    fingerprints, "source", lambda each, t=told: t.get(each) or source(each)
                )
                if fingerprints.present(workflow).code == before:
                    unnoticed.append(module)

    assert changed > 1
    assert not unnoticed


def test_the_limits_of_a_campaigns_run_are_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that continues as new after another number of rounds replays differently."""
    before = fingerprints.present("campaign").code
    source = fingerprints.source
    monkeypatch.setattr(
        fingerprints,
        "source",
        lambda each: source(each).replace("ROUNDS_PER_RUN = 300", "ROUNDS_PER_RUN = 299"),
    )

    assert fingerprints.present("campaign").code != before


@pytest.mark.parametrize(
    "module",
    [
        "campaigns.sequences.sequence",
        "campaigns.workflow.contracts",
        "outreach_worker.leads.plan",
        "outreach_worker.leads.state",
        "outreach_worker.policies",
        "outreach_worker.steps.contracts",
        "outreach_worker.workflow_clock",
        "servicekit.clock",
    ],
)
def test_what_a_workflow_imports_is_part_of_it(module: str) -> None:
    """Imports are followed, through modules that are passed into the sandbox as well."""
    assert module in fingerprints.modules("lead")


@pytest.mark.parametrize("workflow", fingerprints.WORKFLOWS)
def test_what_activities_do_may_change(workflow: str) -> None:
    """Their names and messages are part of a workflow; what they run on is not."""
    behind = fingerprints.modules(workflow)

    assert not [name for name in behind if name.endswith(("repository", "postgres.pool"))]


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
