"""What the audit keeps is said in the contract, by every method, and said right."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from outreach.common.v1 import audited_pb2
from servicekit.postgres import companions

from tests.protos import methods

ROOT = Path(__file__).parents[1]
PERSONAL = {
    "outreach.audit.v1.Record",
    "outreach.automation.v1.DecidedLead",
    "outreach.automation.v1.RankedLead",
    "outreach.automation.v1.ScoreExplanation",
    "outreach.campaign.v1.Lead",
    "outreach.campaign.v1.LeadPreview",
    "outreach.campaign.v1.WorkflowEvent",
    "outreach.campaign.v1.WorkflowFailure",
    "outreach.linkedin.v1.Action",
    "outreach.linkedin.v1.Person",
    "outreach.linkedin.v1.Post",
    "outreach.linkedin.v1.Profile",
    "outreach.linkedin.v1.Suppression",
}
"""Messages that tell of a person, or of what others did."""
CHANGES = (audited_pb2.AUDITED_CHANGE, audited_pb2.AUDITED_OWN_ROW)
TELLS_ONLY = re.compile(
    "(Batch)?Get|List|Find|Check|Count|Explain|Forecast|Preview|Render|Validate|Wait|Watch|Verify"
    "|WhoAmI"
)
"""Methods that change nothing, by the names that the contract has for them."""

every_method = pytest.mark.parametrize("method", list(methods()), ids=lambda each: each.full_name)


def audited(method: MethodDescriptor) -> int:
    return int(method.GetOptions().Extensions[audited_pb2.audited])


def messages(message: Descriptor, seen: set[str]) -> Iterator[str]:
    """A message and all that it can hold."""
    if message.full_name not in seen:
        seen.add(message.full_name)
        yield message.full_name
        for each in message.fields:
            if each.message_type is not None:
                yield from messages(each.message_type, seen)


@every_method
def test_every_method_says_what_it_is(method: MethodDescriptor) -> None:
    """A method that says nothing would be called without a trace."""
    assert audited(method) != audited_pb2.AUDITED_UNSPECIFIED


@every_method
def test_who_tells_of_a_person_is_recorded(method: MethodDescriptor) -> None:
    """Whatever can hold a person's data in its answer is a recorded read, or a change."""
    if not PERSONAL.isdisjoint(messages(method.output_type, set())):
        assert audited(method) != audited_pb2.AUDITED_NOT


@every_method
def test_changes_are_recorded(method: MethodDescriptor) -> None:
    """A method is a change unless its name says that it only tells."""
    tells = TELLS_ONLY.match(method.name) is not None or method.name.startswith("Export")

    assert tells == (audited(method) not in CHANGES)


def test_who_keeps_a_row_of_its_own_is_known() -> None:
    """What is recorded by its own row alone, when a service does it, stands here: it has one."""
    assert {m.full_name for m in methods() if audited(m) == audited_pb2.AUDITED_OWN_ROW} == {
        "outreach.linkedin.v1.ActionService.PerformAction",  # the ledger
        "outreach.linkedin.v1.ActionService.EndLead",  # the enrolment
        "outreach.webhook.v1.WebhookService.PublishEvent",  # the event and its deliveries
        "outreach.webhook.v1.WebhookService.PublishEvents",
    }


@every_method
def test_a_resource_is_an_id_of_the_request(method: MethodDescriptor) -> None:
    """The path leads to a text whose name says that it is an id: nothing else is kept."""
    path = method.GetOptions().Extensions[audited_pb2.audited_resource]
    if not path:
        return
    message = method.input_type
    *outer, last = path.split(".")
    for name in outer:
        message = message.fields_by_name[name].message_type

    field = message.fields_by_name[last]
    assert field.type == FieldDescriptor.TYPE_STRING
    assert last.endswith("_id")


CHANGING = re.compile(
    r"\b(insert\s+into|merge\s+into|delete\s+from|truncate\s+\w"
    r"|update\s+(only\s+)?\S+(\s+(as\s+)?\w+)?\s+set)\b",
    re.IGNORECASE,
)
"""What changes rows, however it is spelt."""


def test_every_statement_that_changes_something_is_known_as_one() -> None:
    """A statement alone is recorded if it is seen that it writes: none is spelt so that it is not.

    Statements are the texts of repositories, of the ledger and of what else speaks to PostgreSQL.
    """
    overlooked = {
        f"{path.relative_to(ROOT)}: {text.strip()[:80]}"
        for place in ("libs", "services")
        for path in (ROOT / place).glob("*/src/**/*.py")
        if "migrations" not in path.parts and "alembic_env" not in path.parts
        for text in (statements(path) if CHANGING.search(path.read_text()) else ())
        if CHANGING.search(text) and not companions._WRITES.search(text)
    }

    assert overlooked == set()


def statements(path: Path) -> Iterator[str]:
    """The texts of a module that are no docstrings, with what is put into them left out."""
    tree = ast.parse(path.read_text())
    documents = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values
            )
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documents
        ):
            yield node.value
